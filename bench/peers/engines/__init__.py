"""One file a peer: the packages it needs, how its models are made, and how it is set to its best."""
