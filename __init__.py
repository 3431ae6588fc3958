"""deskgym: real GUI software as Gymnasium environments, with proven tasks."""
