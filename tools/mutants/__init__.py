"""Do the tests of the guard notice a guard that is one thing off?  `python -m tools.mutants` changes its code in every place and counts.

Each mutant lives in a forked process in which all is imported and all tests are collected.  A change inside a function is put into the
function itself and only the tests that run through it are asked, the quickest first; for code that runs at import the guard is imported
anew.  Libraries were looked at: mutmut 3 leaves module level, decorated functions and properties alone, cosmic-ray starts a process of
tests for each mutant; neither changes the words of SQL.  Survivors are written to build/mutants/survivors.txt.
"""
