//! The one meaning of a model.
