"""Where does each loan stand today?  State, position, classification, provisioning, as SQL with thin Python."""
