//! Lists that a bad item does not make unreadable.

/// A list of which some items could not be read.
///
/// Whoever goes by what is absent has to ask whether [`unreadable`](Self::unreadable) is 0: what is not among the items
/// may be one that could not be read.
///
/// ```
/// use privlink_core::Listed;
///
/// let ports: Listed<u16> = ["443", "http", "5432"].map(str::parse).into_iter().collect();
/// assert_eq!((ports.items, ports.unreadable), (vec![443, 5432], 1));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listed<T> {
    /// What could be read, in the order of the list.
    pub items: Vec<T>,
    /// How many could not be read.
    pub unreadable: usize,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self { items: Vec::new(), unreadable: 0 }
    }
}

impl<T, E> FromIterator<Result<T, E>> for Listed<T> {
    fn from_iter<I: IntoIterator<Item = Result<T, E>>>(list: I) -> Self {
        let mut listed = Self::default();
        for item in list {
            match item {
                Ok(item) => listed.items.push(item),
                Err(_) => listed.unreadable += 1,
            }
        }
        listed
    }
}
