"""The bench: what a day costs against the least that any program must do, in ratios that hold on other machines."""
