//! OpenCV's answers to the same questions: the second opinion of tests and the peer of measurements. Native only.
//!
//! All of it runs on one thread. The settings are those of [`crate::lucas_kanade::LucasKanadeConfig`].

use ::opencv::core::{
    BORDER_CONSTANT, BORDER_REFLECT_101, KeyPoint, Mat, Point2f, Size, TermCriteria,
    TermCriteria_COUNT, TermCriteria_EPS, Vector, no_array, set_num_threads,
};
use ::opencv::prelude::*;
use ::opencv::{features2d, video};

use crate::image::ImageView;
use crate::lucas_kanade::LucasKanadeConfig;

/// What OpenCV's calls give.
pub type Result<T> = ::opencv::Result<T>;

/// The version of the library that is linked.
///
/// # Errors
/// OpenCV's own.
pub fn version() -> Result<String> {
    ::opencv::core::get_version_string()
}

/// An image as OpenCV keeps it.
#[derive(Debug)]
pub struct Picture(Mat);

impl Picture {
    /// A copy of the image.
    ///
    /// # Errors
    /// OpenCV's own.
    pub fn new(image: &ImageView<'_>) -> Result<Self> {
        let luma: Vec<u8> = (0..image.height())
            .flat_map(|y| image.row(y).iter().copied())
            .collect();
        let view =
            Mat::new_rows_cols_with_data(image.height() as i32, image.width() as i32, &luma)?;
        Ok(Self(view.try_clone()?))
    }

    /// The number of FAST-9 corners, with or without its 3 x 3 suppression.
    ///
    /// # Errors
    /// OpenCV's own.
    pub fn fast(&self, threshold: i32, suppress: bool) -> Result<usize> {
        let mut corners = Vector::<KeyPoint>::new();
        features2d::fast(&self.0, &mut corners, threshold, suppress)?;
        Ok(corners.len())
    }

    /// The pyramid that its Lucas-Kanade takes, with the gradient images if wanted.
    ///
    /// # Errors
    /// OpenCV's own.
    pub fn pyramid(&self, levels: usize, window_px: usize, gradients: bool) -> Result<Vector<Mat>> {
        let mut pyramid = Vector::new();
        video::build_optical_flow_pyramid(
            &self.0,
            &mut pyramid,
            square(window_px),
            levels as i32 - 1,
            gradients,
            BORDER_REFLECT_101,
            BORDER_CONSTANT,
            true,
        )?;
        Ok(pyramid)
    }
}

/// OpenCV's counterpart of [`crate::workload::Workload`]: pyramids and gradients are made beforehand.
#[derive(Debug)]
pub struct Workload {
    config: LucasKanadeConfig,
    levels: usize,
    earlier: Vector<Mat>,
    later: Vector<Mat>,
    points: Vector<Point2f>,
    found: Vector<Point2f>,
    status: Vector<u8>,
}

impl Workload {
    /// Builds the pyramids. `points` are pixels of the image `earlier`.
    ///
    /// # Errors
    /// OpenCV's own.
    pub fn new(
        earlier: &ImageView<'_>,
        later: &ImageView<'_>,
        points: &[[f32; 2]],
        levels: usize,
        config: LucasKanadeConfig,
    ) -> Result<Self> {
        set_num_threads(1)?;
        let pyramid = |image| Picture::new(image)?.pyramid(levels, config.window_px, true);
        Ok(Self {
            earlier: pyramid(earlier)?,
            later: pyramid(later)?,
            points: points.iter().map(|[x, y]| Point2f::new(*x, *y)).collect(),
            found: Vector::new(),
            status: Vector::new(),
            levels,
            config,
        })
    }

    /// Tracks every point once, forward only, starting where it was.
    ///
    /// # Errors
    /// OpenCV's own.
    pub fn track(&mut self) -> Result<()> {
        let kind = TermCriteria_COUNT + TermCriteria_EPS;
        let iterations = self.config.max_iterations as i32;
        // OpenCV's threshold is of squared gradients in units of 32 grey levels by 2^-20.
        let threshold = self.config.min_squared_gradient / 1024.0;
        video::calc_optical_flow_pyr_lk(
            &self.earlier,
            &self.later,
            &self.points,
            &mut self.found,
            &mut self.status,
            &mut no_array(),
            square(self.config.window_px),
            self.levels as i32 - 1,
            TermCriteria::new(kind, iterations, self.config.epsilon_px)?,
            0,
            threshold,
        )
    }

    /// What [`Workload::track`] found, in the order of the points; none where a point was lost.
    #[must_use]
    pub fn positions(&self) -> Vec<Option<[f32; 2]>> {
        let found = self.found.iter().zip(self.status.iter());
        found
            .map(|(point, status)| (status != 0).then_some([point.x, point.y]))
            .collect()
    }
}

fn square(side: usize) -> Size {
    Size::new(side as i32, side as i32)
}
