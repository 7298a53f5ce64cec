"""The publics that L441-1 ranks first: what is declared, what is presumed, what a body recognised. And DALO."""
