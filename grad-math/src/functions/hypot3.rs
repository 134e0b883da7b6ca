/// The length √(x² + y² + z²).
///
/// Where the squares overflow or vanish they are those of the arguments over the largest of them. 0 gives 0, an
/// infinite argument gives +∞, and NaN with finite ones gives NaN. Its error, below 2 ulp, is checked by the rest of
/// the square.
///
/// # Example
///
/// ```
/// use grad_math::hypot3;
/// assert_eq!(hypot3(2.0, 3.0, 6.0), 7.0);
/// assert_eq!(hypot3(-0.0, 0.0, 1e-300), 1e-300);
/// ```
#[inline]
pub fn hypot3(x: Real, y: Real, z: Real) -> Real {
    let square = x * x + y * y + z * z;
    if square > Real::MIN_POSITIVE / Real::EPSILON && square < Real::INFINITY {
        return square.sqrt();
    }
    let largest = x.abs().max(y.abs()).max(z.abs());
    if largest > 0.0 && largest < Real::INFINITY {
        let (x, y, z) = (x / largest, y / largest, z / largest);
        largest * (x * x + y * y + z * z).sqrt()
    } else if largest == Real::INFINITY {
        largest
    } else {
        square.sqrt()
    }
}
