//! Exports tell what the data files tell.
