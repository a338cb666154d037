//! stub
#![allow(missing_docs)]
use crate::camera::Camera;
use crate::ransac::Rng;
use nalgebra::*;
#[derive(Debug, Clone, Copy, Default)]
pub struct StartConfig {}
#[derive(Debug)]
pub struct TwoViewStart {
    pub second_from_first: Isometry3<f64>,
    pub points_in_first: Vec<Option<Vector3<f64>>>,
}
pub fn start(
    c: &Camera,
    pairs: &[(Vector2<f64>, Vector2<f64>)],
    _s: &StartConfig,
    rng: &mut Rng,
) -> Result<TwoViewStart, ()> {
    let rays: Vec<_> = pairs
        .iter()
        .filter_map(|(a, b)| Some((c.unproject(*a)?, c.unproject(*b)?)))
        .collect();
    if rays.len() != pairs.len() {
        return Err(());
    }
    let f = c.focal_px[0];
    let err = |e: &Matrix3<f64>, a: &Vector3<f64>, b: &Vector3<f64>| {
        let (a, b) = (a / a.z, b / b.z);
        let l = e * a;
        let m = e.transpose() * b;
        let n = b.dot(&l);
        n * n / (l.x * l.x + l.y * l.y + m.x * m.x + m.y * m.y) * f * f
    };
    let fit = |idx: &[usize]| -> Matrix3<f64> {
        let mut m = SMatrix::<f64, 9, 9>::zeros();
        for i in idx {
            let (a, b) = rays[*i];
            let v = SVector::<f64, 9>::from_fn(|k, _| b[k / 3] * a[k % 3]);
            m += v * v.transpose();
        }
        let eig = m.symmetric_eigen();
        let k = eig.eigenvalues.imin();
        let v = eig.eigenvectors.column(k);
        let e = Matrix3::from_fn(|r, q| v[r * 3 + q]);
        let mut s = e.svd(true, true);
        s.singular_values = Vector3::new(1.0, 1.0, 0.0);
        s.recompose().unwrap()
    };
    let mut best = (0usize, Matrix3::zeros());
    for _ in 0..300 {
        let Some(s) = rng.sample::<8>(rays.len()) else {
            return Err(());
        };
        let e = fit(&s);
        let n = rays.iter().filter(|(a, b)| err(&e, a, b) < 4.0).count();
        if n > best.0 {
            best = (n, e);
        }
    }
    for _ in 0..4 {
        let idx: Vec<usize> = (0..rays.len())
            .filter(|i| err(&best.1, &rays[*i].0, &rays[*i].1) < 4.0)
            .collect();
        if idx.len() < 30 {
            return Err(());
        }
        best = (idx.len(), fit(&idx));
    }
    let s = best.1.svd(true, true);
    let (mut u, mut vt) = (s.u.unwrap(), s.v_t.unwrap());
    let order = s.singular_values;
    let _ = order;
    if u.determinant() < 0.0 {
        u = -u;
    }
    if vt.determinant() < 0.0 {
        vt = -vt;
    }
    let w = Matrix3::new(0., -1., 0., 1., 0., 0., 0., 0., 1.);
    let mut out: Option<(usize, f64, TwoViewStart)> = None;
    for r in [u * w * vt, u * w.transpose() * vt] {
        for sgn in [1.0, -1.0] {
            let t = u.column(2).into_owned() * sgn;
            let iso = Isometry3::from_parts(t.into(), UnitQuaternion::from_matrix(&r));
            let inv = iso.inverse();
            let mut pts = vec![];
            let mut n = 0;
            let mut par = vec![];
            for (a, b) in &rays {
                let d2 = inv.rotation * b;
                let c2 = inv.translation.vector;
                let (aa, bb, cc) = (1.0, a.dot(&d2), 1.0);
                let det = aa * cc - bb * bb;
                if det < 1e-9 || err(&best.1, a, b) > 4.0 {
                    pts.push(None);
                    continue;
                }
                let l1 = (c2.dot(a) - bb * c2.dot(&d2)) / det;
                let l2 = (bb * c2.dot(a) - c2.dot(&d2)) / det;
                if l1 > 0.0 && l2 > 0.0 {
                    n += 1;
                    par.push(a.angle(&d2));
                    pts.push((a.angle(&d2) > 0.005).then(|| (a * l1 + c2 + d2 * l2) * 0.5));
                } else {
                    pts.push(None);
                }
            }
            par.sort_by(f64::total_cmp);
            let med = par.get(par.len() / 2).copied().unwrap_or(0.0);
            if out.as_ref().is_none_or(|o| n > o.0) {
                out = Some((
                    n,
                    med,
                    TwoViewStart {
                        second_from_first: iso,
                        points_in_first: pts,
                    },
                ));
            }
        }
    }
    let (n, med, s) = out.ok_or(())?;
    if n < rays.len() * 6 / 10 || med < 0.02 {
        return Err(());
    }
    Ok(s)
}
