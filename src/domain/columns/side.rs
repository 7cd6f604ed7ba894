//! A side table: the few values that do not fit a column's compact form, by row.

/// Values by row, in ascending order of rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Side<T> {
    rows: Vec<u32>,
    values: Vec<T>,
}

impl<T> Default for Side<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            values: Vec::new(),
        }
    }
}

impl<T> Side<T> {
    /// Adds a value for a row after all previous rows.
    pub(super) fn push(&mut self, row: u32, value: T) {
        self.rows.push(row);
        self.values.push(value);
    }

    /// The value of this row, if any.
    pub(super) fn get(&self, row: u32) -> Option<&T> {
        let at = self.rows.binary_search(&row).ok()?;
        self.values.get(at)
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Rows and values, in order of rows.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        self.rows.iter().copied().zip(&self.values)
    }

    /// Frees unused memory.
    pub(super) fn shrink(&mut self) {
        self.rows.shrink_to_fit();
        self.values.shrink_to_fit();
    }

    /// Heap memory in bytes, without what the values point to.
    pub(super) fn heap(&self) -> usize {
        self.rows.capacity() * size_of::<u32>() + self.values.capacity() * size_of::<T>()
    }
}
