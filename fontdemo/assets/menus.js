// Gradio's menus take a key only after the next turn of the event loop: on Tab the menu has closed by then, for the focus
// has gone, and the key opens it again, over every tab. So no menu hears of Tab; what the browser does at Tab remains.
window.addEventListener('keydown', (event) => {
  if (event.key === 'Tab' && event.target.matches?.('input[role=combobox]')) event.stopImmediatePropagation();
}, true);
