//! Symmetric systems in 6x6 blocks, stored from each row's first block that is not zero, and their factorisation.
//!
//! The factor `L` of `A = L L^T` is not zero where a row's leading zeros were (George and Liu, "Computer solution of
//! large sparse positive definite systems", 1981, chapter 4), so that views in order of time cost what their overlap costs.
//! A row's blocks lie one after the other, column by column, which makes the inner products of block rows one long sum of
//! outer products of 6 by 6 numbers: the one kernel everything here is made of.

/// Six numbers: a column of a block, or a block of a vector.
pub(super) type Column = [f64; 6];
/// A 6x6 block, column by column.
pub(super) type Block = [Column; 6];

/// `block -= a b^T`, `a` and `b` given as columns.
#[inline(always)]
pub(super) fn subtract_product(block: &mut Block, a: &[Column], b: &[Column]) {
    // By halves: 18 sums, a column and a factor fit into the 16 registers of two numbers that CPUs have.
    for half in 0..2 {
        let mut sums = [[0.0; 6]; 3];
        for (a, b) in a.iter().zip(b) {
            for (sums, factor) in sums.iter_mut().zip(&b[3 * half..3 * half + 3]) {
                for (sum, a) in sums.iter_mut().zip(a) {
                    *sum += a * factor;
                }
            }
        }
        for (column, sums) in block[3 * half..3 * half + 3].iter_mut().zip(&sums) {
            for (entry, sum) in column.iter_mut().zip(sums) {
                *entry -= sum;
            }
        }
    }
}

/// A symmetric matrix: the blocks on and below the diagonal, or its factor after [`Skyline::factor_row`] of all rows.
#[derive(Debug, Default)]
pub(super) struct Skyline {
    /// Each row's blocks from its first to the diagonal. Once factored, the diagonal ones hold the inverse of the factor's.
    blocks: Vec<Block>,
    /// Each row's first column.
    first: Vec<u32>,
    /// Where each row begins in `blocks`, and the end.
    start: Vec<usize>,
}

impl Skyline {
    /// Takes the first column of each row and sets all to zero.
    pub(super) fn reset(&mut self, first: &[u32]) {
        self.first.clear();
        self.first.extend_from_slice(first);
        self.start.clear();
        let mut end = 0;
        for (row, &first) in first.iter().enumerate() {
            self.start.push(end);
            end += row + 1 - first as usize;
        }
        self.start.push(end);
        self.blocks.clear();
        self.blocks.resize(end, [[0.0; 6]; 6]);
    }

    /// Sets all to zero.
    pub(super) fn zero(&mut self) {
        self.blocks.fill([[0.0; 6]; 6]);
    }

    pub(super) fn rows(&self) -> usize {
        self.first.len()
    }

    /// How many products of blocks factoring a row takes, at most.
    pub(super) fn row_work(&self, row: usize) -> usize {
        let length = row + 1 - self.first[row] as usize;
        length * length / 2 + length
    }

    /// The block at a row and a column that is not beyond the row, nor before its first.
    #[inline(always)]
    pub(super) fn block_mut(&mut self, row: usize, column: usize) -> &mut Block {
        &mut self.blocks[self.start[row] + column - self.first[row] as usize]
    }

    /// Factors one row; those before must be. False where the matrix is not positive definite.
    pub(super) fn factor_row(&mut self, row: usize) -> bool {
        let first = self.first[row] as usize;
        let (above, below) = self.blocks.split_at_mut(self.start[row]);
        let blocks = &mut below[..row + 1 - first];
        for column in first..row {
            let other_first = self.first[column] as usize;
            let other = &above[self.start[column]..self.start[column + 1]];
            let from = first.max(other_first);
            let (done, rest) = blocks.split_at_mut(column - first);
            let block = &mut rest[0];
            subtract_product(
                block,
                done[from - first..].as_flattened(),
                other[from - other_first..column - other_first].as_flattened(),
            );
            // times the transposed inverse of the factor's diagonal block
            let mut negative = [[0.0; 6]; 6];
            subtract_product(&mut negative, block, &other[column - other_first]);
            *block = negative.map(|column| column.map(|entry| -entry));
        }
        let (done, rest) = blocks.split_at_mut(row - first);
        let done = done.as_flattened();
        subtract_product(&mut rest[0], done, done);
        match inverse_factor(&rest[0]) {
            Some(inverse) => {
                rest[0] = inverse;
                true
            }
            None => false,
        }
    }

    /// Solves for one right side, in place. All rows must be factored.
    pub(super) fn solve(&self, side: &mut [Column]) {
        for row in 0..self.rows() {
            let first = self.first[row] as usize;
            let blocks = &self.blocks[self.start[row]..self.start[row + 1]];
            let mut sum = side[row];
            for (block, solved) in blocks.iter().zip(&side[first..row]) {
                for (column, factor) in block.iter().zip(solved) {
                    for (sum, entry) in sum.iter_mut().zip(column) {
                        *sum -= entry * factor;
                    }
                }
            }
            let mut product = [0.0; 6];
            for (column, factor) in blocks[row - first].iter().zip(&sum) {
                for (product, entry) in product.iter_mut().zip(column) {
                    *product += entry * factor;
                }
            }
            side[row] = product;
        }
        for row in (0..self.rows()).rev() {
            let first = self.first[row] as usize;
            let blocks = &self.blocks[self.start[row]..self.start[row + 1]];
            let solved = blocks[row - first].map(|column| dot(&column, &side[row]));
            side[row] = solved;
            for (block, side) in blocks.iter().zip(&mut side[first..row]) {
                for (column, side) in block.iter().zip(side) {
                    *side -= dot(column, &solved);
                }
            }
        }
    }
}

#[inline(always)]
pub(super) fn dot(a: &Column, b: &Column) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The inverse of the lower factor of a block whose lower half is given, with zeros above its diagonal.
fn inverse_factor(block: &Block) -> Option<Block> {
    // entries are [column][row]
    let mut factor = *block;
    for column in 0..6 {
        for earlier in 0..column {
            let scale = factor[earlier][column];
            let done = factor[earlier];
            for (entry, done) in factor[column].iter_mut().zip(&done).skip(column) {
                *entry -= done * scale;
            }
        }
        let pivot = factor[column][column];
        // What is left of the diagonal once it is down to rounding says nothing.
        if !(pivot > 1e-15 * block[column][column] && pivot.is_finite() && pivot > 1e-280) {
            return None;
        }
        let scale = 1.0 / pivot.sqrt();
        for entry in &mut factor[column][column..] {
            *entry *= scale;
        }
    }
    let mut inverse = [[0.0; 6]; 6];
    for column in 0..6 {
        inverse[column][column] = 1.0 / factor[column][column];
        for row in column + 1..6 {
            let sum: f64 = (column..row)
                .map(|k| factor[k][row] * inverse[column][k])
                .sum();
            inverse[column][row] = -sum / factor[row][row];
        }
    }
    Some(inverse)
}
