// Which language the page is in: ?lang= in its address, else what the visitor chose before, else the browser's. Korean
// is put in by translate.js, which is fetched only then. Runs in the page's head, before there is anything on it.
(() => {
  const KEY = 'fontdemo-language';
  const LANGUAGES = ['en', 'ko'];
  const kept = () => { try { return localStorage.getItem(KEY); } catch { return null; } }; // a browser may keep nothing

  const page = new URL(location.href);
  if (!page.pathname.endsWith('/')) page.pathname += '/';
  const base = new URL('./fontdemo/', page);
  let translator = null;

  async function use(language) {
    document.documentElement.lang = language;
    if (language === 'en') { (await translator)?.stop(); return; }
    translator ??= import(new URL('i18n/translate.js', base).href).then((module) => module.load(base));
    const found = await translator;
    if (document.documentElement.lang === language) found.start(document.documentElement);
  }
  const failed = (error) => {
    [document.documentElement.lang, translator] = ['en', null];
    console.warn(error);
  };

  // The switch in the page's head.
  document.addEventListener('click', (event) => {
    const language = event.target.closest?.('[data-language]')?.dataset.language;
    if (!LANGUAGES.includes(language)) return;
    try { localStorage.setItem(KEY, language); } catch { /* it holds until the page is closed */ }
    const url = new URL(location.href);
    if (url.searchParams.has('lang')) {
      url.searchParams.set('lang', language);
      history.replaceState(history.state, '', url);
    }
    use(language).catch(failed);
  });

  const wanted = [new URLSearchParams(location.search).get('lang'), kept(), navigator.language?.slice(0, 2)];
  const language = wanted.find((one) => LANGUAGES.includes(one)) ?? 'en';
  if (language !== 'en') use(language).catch(failed);
})();
