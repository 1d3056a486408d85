"""What the record of collection says: how often an outlet publishes, and what was missed."""
