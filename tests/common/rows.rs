//! Settings of a simulated vendor's switches, in pairs.

/// Sixteen rows of one setting with four values and twelve with two: whichever two settings are taken, every combination
/// of their values comes up.
///
/// A column of the Hadamard matrix of order sixteen is a mask, and its value in a row the parity of what both have in
/// common; two columns meet in all ways where their masks differ. The first setting takes the masks 1 and 2, so
/// that 3, which is both of them together, is left out.
pub(crate) fn rows() -> impl Iterator<Item = (usize, [bool; 12])> {
    let value = |row: usize, mask: usize| (row & mask).count_ones() % 2 == 1;
    (0..16).map(move |row| {
        let four = usize::from(value(row, 1)) + 2 * usize::from(value(row, 2));
        (four, std::array::from_fn(|column| value(row, column + 4)))
    })
}

/// Every pair of settings meets in every combination.
pub(crate) fn assert_pairs() {
    let met = |values: &dyn Fn((usize, [bool; 12])) -> (usize, usize)| {
        rows().map(values).collect::<std::collections::BTreeSet<_>>().len()
    };
    for one in 0..12 {
        assert_eq!(met(&|(four, row)| (four, usize::from(row[one]))), 8, "the first and {one}");
        for other in 0..one {
            let both = met(&|(_, row)| (usize::from(row[one]), usize::from(row[other])));
            assert_eq!(both, 4, "{one} and {other}");
        }
    }
}
