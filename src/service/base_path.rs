//! The path below which a service is found.

/// A path that begins and ends in `/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BasePath(String);

impl std::str::FromStr for BasePath {
    type Err = String;
    fn from_str(given: &str) -> Result<Self, String> {
        let inner = given.trim_matches('/');
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
        if !inner.chars().all(allowed) || inner.contains("//") || inner.split('/').any(|part| part == "..") {
            return Err("use letters, digits, `_`, `-`, `.` and `/`, for example /study1/".into());
        }
        Ok(Self(if inner.is_empty() { "/".into() } else { format!("/{inner}/") }))
    }
}

impl BasePath {
    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_path_has_slashes_at_both_ends() {
        for (given, path) in [("/", "/"), ("", "/"), ("study1", "/study1/"), ("/a/b/", "/a/b/")] {
            assert_eq!(given.parse::<BasePath>().unwrap().as_str(), path);
        }
        for bad in ["/a//b/", "/../", "/a b/", "/<x>/"] {
            assert!(bad.parse::<BasePath>().is_err(), "{bad}");
        }
    }
}
