//! Which places of the image have a point nearby: points in the cells of a grid, each cell a linked list in one
//! array.

/// The points of an image by cell. Does not allocate once it has held as many before.
#[derive(Debug, Clone)]
pub(crate) struct Occupancy {
    cell_px: usize,
    min_distance_px: f32,
    columns: usize,
    rows: usize,
    /// The newest point of each cell and how many there are.
    cells: Vec<(u32, u32)>,
    /// Each point, and the one before it in its cell.
    points: Vec<([f32; 2], u32)>,
}

const NONE: u32 = u32::MAX;

impl Occupancy {
    /// An empty grid. `min_distance_px` must not exceed `cell_px`.
    pub(crate) fn new(cell_px: usize, min_distance_px: f32) -> Self {
        Self {
            cell_px,
            min_distance_px,
            columns: 0,
            rows: 0,
            cells: Vec::new(),
            points: Vec::new(),
        }
    }

    /// Takes room for that many more points.
    pub(crate) fn reserve(&mut self, additional: usize) {
        self.points.reserve(additional);
    }

    /// Forgets all points and takes the size of an image.
    pub(crate) fn clear(&mut self, width: usize, height: usize) {
        self.columns = width.div_ceil(self.cell_px).max(1);
        self.rows = height.div_ceil(self.cell_px).max(1);
        self.cells.clear();
        self.cells.resize(self.columns * self.rows, (NONE, 0));
        self.points.clear();
    }

    /// Cells of the grid.
    pub(crate) fn cell_count(&self) -> usize {
        self.cells.len()
    }

    /// The index of a cell by its place in the grid.
    pub(crate) fn index(&self, column: usize, row: usize) -> usize {
        row * self.columns + column
    }

    /// The index of the cell that a position is in, or is nearest to.
    pub(crate) fn index_of(&self, position: [f32; 2]) -> usize {
        let (column, row) = self.cell_of(position);
        self.index(column, row)
    }

    /// Points in a cell; 0 outside of the grid.
    pub(crate) fn count(&self, cell: usize) -> usize {
        self.cells.get(cell).map_or(0, |(_, count)| *count as usize)
    }

    /// Adds a point; one outside of the image goes to the nearest cell.
    pub(crate) fn insert(&mut self, position: [f32; 2]) {
        let index = self.index_of(position);
        let Some(cell) = self.cells.get_mut(index) else {
            return;
        };
        self.points.push((position, cell.0));
        *cell = (self.points.len() as u32 - 1, cell.1 + 1);
    }

    /// Whether no point is nearer than the least distance.
    pub(crate) fn is_free(&self, position: [f32; 2]) -> bool {
        self.is_free_within(position, self.min_distance_px)
    }

    /// Whether no point is nearer than `distance_px`, which must not exceed the cell's side.
    pub(crate) fn is_free_within(&self, [x, y]: [f32; 2], distance_px: f32) -> bool {
        let (left, top) = self.cell_of([x - distance_px, y - distance_px]);
        let (right, bottom) = self.cell_of([x + distance_px, y + distance_px]);
        for row in top..=bottom {
            for column in left..=right {
                let Some(&(mut next, _)) = self.cells.get(self.index(column, row)) else {
                    continue;
                };
                while let Some(([px, py], before)) = self.points.get(next as usize) {
                    let (dx, dy) = (px - x, py - y);
                    if dx * dx + dy * dy < distance_px * distance_px {
                        return false;
                    }
                    next = *before;
                }
            }
        }
        true
    }

    fn cell_of(&self, [x, y]: [f32; 2]) -> (usize, usize) {
        // The cast takes negative numbers and NaN to 0.
        let along =
            |c: f32, cells: usize| ((c as usize) / self.cell_px).min(cells.saturating_sub(1));
        (along(x, self.columns), along(y, self.rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_is_kept_across_cells_and_edges() {
        let mut occupancy = Occupancy::new(16, 8.0);
        occupancy.clear(64, 48);
        occupancy.insert([15.0, 15.0]);
        occupancy.insert([-5.0, 200.0]);
        assert!(!occupancy.is_free([20.0, 20.0]));
        assert!(occupancy.is_free([15.0, 23.0]));
        assert!(!occupancy.is_free([15.0, 22.9]));
        assert!(!occupancy.is_free([0.0, 199.0]));
        assert_eq!(
            (
                occupancy.count(occupancy.index(0, 0)),
                occupancy.count(occupancy.index(0, 2)),
                occupancy.count(occupancy.index(1, 1))
            ),
            (1, 1, 0)
        );
        occupancy.clear(64, 48);
        assert!(occupancy.is_free([15.0, 15.0]));
    }

    #[test]
    fn numbers_that_are_none_do_no_harm() {
        let mut occupancy = Occupancy::new(8, 8.0);
        assert!(occupancy.is_free([1.0, 1.0]));
        occupancy.clear(1, 1);
        for odd in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX] {
            occupancy.insert([odd, odd]);
        }
        assert!(occupancy.is_free([0.0, 0.0]));
    }
}
