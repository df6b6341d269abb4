"""How a person signs in at the dashboard: passwords, second factors, sessions, and what stops guessing."""
