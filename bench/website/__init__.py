"""What `bench web` needs: a database of a million demands, users, and the same pages written the usual way."""
