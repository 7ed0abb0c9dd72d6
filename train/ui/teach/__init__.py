"""Teaching a network your hand: a part of the Read tab that needs the training of `train.teach`."""
