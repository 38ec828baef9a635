//! To the terminal and to JSON.
