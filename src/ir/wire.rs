//! The IR as versioned JSON.
