//! Essential matrices from five pairs of directions.
//!
//! Nistér, "An efficient solution to the five-point relative pose problem", PAMI 2004; section and equation numbers are
//! his. The roots of the polynomial of degree ten are separated by those of its derivatives instead of by Sturm's
//! sequences.

use nalgebra::{Matrix3, SMatrix, SVector, Vector3};

/// The essential matrices, of Frobenius norm 1, that five pairs of directions allow; how many, and they.
#[must_use]
pub fn five_point(
    first: &[Vector3<f64>; 5],
    second: &[Vector3<f64>; 5],
) -> (usize, [Matrix3<f64>; 10]) {
    let mut found = [Matrix3::zeros(); 10];
    let mut count = 0;
    let Some(basis) = null_space(first, second) else {
        return (0, found);
    };
    let Some(rows) = eliminated(&basis) else {
        return (0, found);
    };
    let b = [
        conditions(&rows, 4, 5),
        conditions(&rows, 6, 7),
        conditions(&rows, 8, 9),
    ];
    let determinant = determinant(&b);
    real_roots(&determinant, |z| {
        let at = |row: &[Polynomial; 3]| Vector3::new(row[0].at(z), row[1].at(z), row[2].at(z));
        let [p, q, r] = [at(&b[0]), at(&b[1]), at(&b[2])];
        let null = [p.cross(&q), p.cross(&r), q.cross(&r)]
            .into_iter()
            .max_by(|u, v| u.norm_squared().total_cmp(&v.norm_squared()))
            .unwrap_or_default();
        let (x, y) = (null.x / null.z, null.y / null.z);
        let matrix = basis[0] * x + basis[1] * y + basis[2] * z + basis[3];
        let matrix = matrix / matrix.norm();
        if count < 10 && matrix.iter().all(|e| e.is_finite()) {
            found[count] = matrix;
            count += 1;
        }
    });
    (count, found)
}

/// Four matrices that span all with `second' E first = 0` for the five pairs (equations 7 to 9).
fn null_space(first: &[Vector3<f64>; 5], second: &[Vector3<f64>; 5]) -> Option<[Matrix3<f64>; 4]> {
    let mut axes = [SVector::<f64, 9>::zeros(); 9];
    for k in 0..5 {
        axes[k] = SVector::from_fn(|i, _| second[k][i / 3] * first[k][i % 3]);
    }
    // Gram and Schmidt, twice each for its digits; then the axes furthest from what is there fill up.
    for k in 0..9 {
        if k >= 5 {
            let left = |axis: usize| {
                let inside: f64 = axes[..k].iter().map(|a| a[axis] * a[axis]).sum();
                1.0 - inside
            };
            let furthest = (0..9).max_by(|&i, &j| left(i).total_cmp(&left(j)))?;
            axes[k] = SVector::zeros();
            axes[k][furthest] = 1.0;
        }
        let before = axes[k].norm();
        for _ in 0..2 {
            for j in 0..k {
                let along = axes[j].dot(&axes[k]);
                axes[k] -= axes[j] * along;
            }
        }
        let length = axes[k].norm();
        if !(length > 1e-10 * before) {
            return None;
        }
        axes[k] /= length;
    }
    Some([5, 6, 7, 8].map(|k| Matrix3::from_fn(|i, j| axes[k][3 * i + j])))
}

/// Exponents of x, y and z of the cubic monomials, in the order of the elimination (equation 18's table).
const CUBIC: [[u8; 3]; 20] = [
    [3, 0, 0],
    [0, 3, 0],
    [2, 1, 0],
    [1, 2, 0],
    [2, 0, 1],
    [2, 0, 0],
    [0, 2, 1],
    [0, 2, 0],
    [1, 1, 1],
    [1, 1, 0],
    [1, 0, 2],
    [1, 0, 1],
    [1, 0, 0],
    [0, 1, 2],
    [0, 1, 1],
    [0, 1, 0],
    [0, 0, 3],
    [0, 0, 2],
    [0, 0, 1],
    [0, 0, 0],
];
const LINEAR: [[u8; 3]; 4] = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]];
const QUADRATIC: [[u8; 3]; 10] = [
    [2, 0, 0],
    [1, 1, 0],
    [1, 0, 1],
    [1, 0, 0],
    [0, 2, 0],
    [0, 1, 1],
    [0, 1, 0],
    [0, 0, 2],
    [0, 0, 1],
    [0, 0, 0],
];
const QUADRATIC_OF_PRODUCT: [[usize; 4]; 4] = products(&LINEAR, &QUADRATIC);
const CUBIC_OF_PRODUCT: [[usize; 4]; 10] = products(&QUADRATIC, &CUBIC);

/// Where the product of the `i`th left monomial and the `j`th linear one stands.
const fn products<const LEFT: usize, const OUT: usize>(
    left: &[[u8; 3]; LEFT],
    out: &[[u8; 3]; OUT],
) -> [[usize; 4]; LEFT] {
    let mut table = [[0; 4]; LEFT];
    let mut i = 0;
    while i < LEFT {
        let mut j = 0;
        while j < 4 {
            let mut k = 0;
            while k < OUT {
                let same = out[k][0] == left[i][0] + LINEAR[j][0]
                    && out[k][1] == left[i][1] + LINEAR[j][1]
                    && out[k][2] == left[i][2] + LINEAR[j][2];
                if same {
                    table[i][j] = k;
                }
                k += 1;
            }
            j += 1;
        }
        i += 1;
    }
    table
}

type Linear = SVector<f64, 4>;
type Quadratic = SVector<f64, 10>;
type Cubic = SVector<f64, 20>;

fn linear_product(a: &Linear, b: &Linear) -> Quadratic {
    let mut out = Quadratic::zeros();
    for i in 0..4 {
        for j in 0..4 {
            out[QUADRATIC_OF_PRODUCT[i][j]] += a[i] * b[j];
        }
    }
    out
}

fn cubic_product(a: &Quadratic, b: &Linear) -> Cubic {
    let mut out = Cubic::zeros();
    for i in 0..10 {
        for j in 0..4 {
            out[CUBIC_OF_PRODUCT[i][j]] += a[i] * b[j];
        }
    }
    out
}

/// The ten cubic conditions on `x X + y Y + z Z + W` after Gauss-Jordan elimination (section 3.2).
fn eliminated(basis: &[Matrix3<f64>; 4]) -> Option<SMatrix<f64, 10, 20>> {
    let element = |i: usize, j: usize| Linear::from_fn(|k, _| basis[k][(i, j)]);
    let e: [[Linear; 3]; 3] = core::array::from_fn(|i| core::array::from_fn(|j| element(i, j)));
    // E E' less half its trace, times E, vanishes (equations 10 to 15).
    let mut square: [[Quadratic; 3]; 3] = core::array::from_fn(|i| {
        core::array::from_fn(|j| (0..3).map(|k| linear_product(&e[i][k], &e[j][k])).sum())
    });
    let half_trace = (square[0][0] + square[1][1] + square[2][2]) * 0.5;
    for (i, row) in square.iter_mut().enumerate() {
        row[i] -= half_trace;
    }
    let mut rows = SMatrix::<f64, 10, 20>::zeros();
    for i in 0..3 {
        for j in 0..3 {
            let condition: Cubic = (0..3).map(|k| cubic_product(&square[i][k], &e[k][j])).sum();
            rows.set_row(3 * i + j, &condition.transpose());
        }
    }
    // The determinant vanishes.
    let minor = |a: usize, b: usize| {
        linear_product(&e[1][a], &e[2][b]) - linear_product(&e[1][b], &e[2][a])
    };
    let determinant = cubic_product(&minor(1, 2), &e[0][0])
        + cubic_product(&minor(2, 0), &e[0][1])
        + cubic_product(&minor(0, 1), &e[0][2]);
    rows.set_row(9, &determinant.transpose());

    for column in 0..10 {
        let pivot = (column..10)
            .max_by(|&i, &j| rows[(i, column)].abs().total_cmp(&rows[(j, column)].abs()))?;
        if !(rows[(pivot, column)].abs() > 1e-14) {
            return None;
        }
        rows.swap_rows(pivot, column);
        let inverse = 1.0 / rows[(column, column)];
        for k in column..20 {
            rows[(column, k)] *= inverse;
        }
        for i in 0..10 {
            // Of the first four rows nothing is used later.
            if i == column || (i < column && i < 4) {
                continue;
            }
            let factor = rows[(i, column)];
            for k in column..20 {
                rows[(i, k)] -= factor * rows[(column, k)];
            }
        }
    }
    Some(rows)
}

/// A polynomial in z, the constant first.
#[derive(Debug, Clone, Copy)]
struct Polynomial {
    coefficients: [f64; 11],
}

impl Polynomial {
    fn at(&self, z: f64) -> f64 {
        self.coefficients
            .iter()
            .rev()
            .fold(0.0, |sum, c| sum * z + c)
    }

    fn times(&self, other: &Self) -> Self {
        let mut out = [0.0; 11];
        for (i, a) in self.coefficients.iter().enumerate() {
            if *a != 0.0 {
                for (b, sum) in other.coefficients.iter().zip(&mut out[i..]) {
                    *sum += a * b;
                }
            }
        }
        Self { coefficients: out }
    }

    fn minus(mut self, other: &Self) -> Self {
        for (a, b) in self.coefficients.iter_mut().zip(&other.coefficients) {
            *a -= b;
        }
        self
    }

    fn plus(mut self, other: &Self) -> Self {
        for (a, b) in self.coefficients.iter_mut().zip(&other.coefficients) {
            *a += b;
        }
        self
    }
}

/// One row less z times another: coefficients of x, y and 1, as polynomials in z (equations 20 to 26).
fn conditions(rows: &SMatrix<f64, 10, 20>, upper: usize, lower: usize) -> [Polynomial; 3] {
    [(10, 3), (13, 3), (16, 4)].map(|(from, terms)| {
        let mut coefficients = [0.0; 11];
        for k in 0..terms {
            let power = terms - 1 - k;
            coefficients[power] += rows[(upper, from + k)];
            coefficients[power + 1] -= rows[(lower, from + k)];
        }
        Polynomial { coefficients }
    })
}

/// Of the matrix of the three conditions, of degree ten (equations 27 to 29).
fn determinant(b: &[[Polynomial; 3]; 3]) -> Polynomial {
    let minor = |i: usize, j: usize| b[1][i].times(&b[2][j]).minus(&b[1][j].times(&b[2][i]));
    b[0][0]
        .times(&minor(1, 2))
        .plus(&b[0][1].times(&minor(2, 0)))
        .plus(&b[0][2].times(&minor(0, 1)))
}

/// Calls `found` with each simple real root.
fn real_roots(polynomial: &Polynomial, mut found: impl FnMut(f64)) {
    // Inside the unit interval directly, outside it by the polynomial of 1 / z: no large powers anywhere.
    let mut roots = [0.0; 12];
    let count = roots_in_unit(&polynomial.coefficients, &mut roots);
    roots[..count].iter().for_each(|&z| found(z));
    let mut reversed = polynomial.coefficients;
    reversed.reverse();
    let count = roots_in_unit(&reversed, &mut roots);
    for &z in &roots[..count] {
        if z.abs() < 1.0 && z != 0.0 {
            found(1.0 / z);
        }
    }
}

/// The roots in -1..=1, rising: between neighbouring roots of its derivative a polynomial has at most one.
fn roots_in_unit(coefficients: &[f64; 11], roots: &mut [f64; 12]) -> usize {
    let mut count = 0;
    // From the derivative of degree one up to the polynomial itself.
    for order in (0..10).rev() {
        let degree = 10 - order;
        let mut derivative = [0.0; 11];
        for k in 0..=degree {
            let factor: f64 = (k + 1..=k + order).map(|f| f as f64).product();
            derivative[k] = coefficients[k + order] * factor;
        }
        let derivative = &derivative[..=degree];
        let mut next = [0.0; 12];
        let mut next_count = 0;
        let mut low = -1.0;
        for k in 0..=count {
            let high = if k < count { roots[k] } else { 1.0 };
            if let Some(root) = root_between(derivative, low, high)
                && next_count < degree
            {
                next[next_count] = root;
                next_count += 1;
            }
            low = high;
        }
        (*roots, count) = (next, next_count);
    }
    count
}

/// The root of a polynomial that is monotonous from `low` to `high`: Newton's method, held by bisection.
fn root_between(polynomial: &[f64], mut low: f64, mut high: f64) -> Option<f64> {
    let at = |z: f64| {
        polynomial
            .iter()
            .rev()
            .fold((0.0, 0.0), |(value, slope), c| {
                (value * z + c, slope * z + value)
            })
    };
    let (at_low, at_high) = (at(low).0, at(high).0);
    if !(at_low * at_high < 0.0) {
        return None;
    }
    let rising = at_high > 0.0;
    let mut z = 0.5 * (low + high);
    for _ in 0..60 {
        let (value, slope) = at(z);
        if (value > 0.0) == rising {
            high = z;
        } else {
            low = z;
        }
        let newton = z - value / slope;
        let next = if newton > low && newton < high {
            newton
        } else {
            0.5 * (low + high)
        };
        let done = (next - z).abs() <= 1e-15;
        z = next;
        if done {
            break;
        }
    }
    Some(z)
}
