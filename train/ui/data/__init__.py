"""The Data tab: what a data set holds."""
