"""The house, held by machine: layers, sizes, names, words, and the promises of the documents."""
