//! Which things of a file are kept, and where: only what the scene uses gets into a model, so that
//! places in the file become places in the model.

/// Kept things in the order in which they were first asked for.
pub(super) struct Kept {
    place_of: Vec<Option<usize>>,
    order: Vec<usize>,
}

impl Kept {
    /// For a file with so many of them.
    pub(super) fn new(count: usize) -> Self {
        Kept {
            place_of: vec![None; count],
            order: Vec::new(),
        }
    }

    /// Keeps one of the file; `None` when the file has no such.
    pub(super) fn keep(&mut self, in_file: usize) -> Option<usize> {
        let place = self.place_of.get_mut(in_file)?;
        Some(*place.get_or_insert_with(|| {
            self.order.push(in_file);
            self.order.len() - 1
        }))
    }

    /// Where one of the file went, if it is kept.
    pub(super) fn place(&self, in_file: usize) -> Option<usize> {
        self.place_of.get(in_file).copied().flatten()
    }

    /// Places in the file of all that is kept.
    pub(super) fn order(&self) -> &[usize] {
        &self.order
    }
}
