//! Files of keys: the relay's own, made once and readable by this user only, and those that an operator gives.

use std::{
    fs,
    io::{self, Write as _},
    path::Path,
};

use crate::{error::Error, secrets};

/// The shortest key: as long as what the hash gives (RFC 7518, section 3.2).
const SHORTEST_BYTES: usize = 32;

/// The key in `path`.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let key = fs::read(path).map_err(|error| unusable(path, &error))?;
    if key.len() < SHORTEST_BYTES {
        return Err(unusable(path, &format!("it has {} bytes", key.len())));
    }
    Ok(key)
}

/// The key in `path`, a new one when there is no such file.
pub(super) fn read_or_make(path: &Path) -> Result<Vec<u8>, Error> {
    if path.exists() {
        return read(path);
    }
    let key: [u8; SHORTEST_BYTES] = secrets::random()?;
    write(path, &key).map_err(|error| unusable(path, &error))?;
    // What is used is what will be read the next time.
    read(path)
}

/// Writes beside it, to disk, and renames: there is a whole key or none.
fn write(path: &Path, key: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let part = path.with_extension("part");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(&part)?;
    file.write_all(key)?;
    file.sync_all()?;
    fs::rename(&part, path)
}

fn unusable(path: &Path, reason: &dyn ToString) -> Error {
    Error::TokenKey {
        path: path.to_path_buf(),
        reason: reason.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        config::TokenKeyFile,
        tokens::{Claims, Tokens},
    };

    #[test]
    fn the_key_is_made_once_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let open = |data: &Path| Tokens::open(data, Duration::from_secs(60), &[]).unwrap();
        let claims = Claims {
            room: "r1".into(),
            member: "m1".into(),
            device: "d1".into(),
            role: "viewer".into(),
        };
        let token = open(&data).issue(&claims, 1);
        assert_eq!(open(&data).verify(&token, 2), Ok(claims));
        assert!(
            open(&folder.path().join("other"))
                .verify(&token, 2)
                .is_err()
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(data.join("token.key"))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert_eq!(fs::read_dir(&data).unwrap().count(), 1);
    }

    #[test]
    fn short_and_missing_keys_hinder_the_start() {
        let folder = tempfile::tempdir().unwrap();
        let given = |file: &Path| {
            let other = TokenKeyFile {
                id: "a".into(),
                file: file.to_path_buf(),
            };
            Tokens::open(
                &folder.path().join("data"),
                Duration::from_secs(60),
                &[other],
            )
        };
        let file = folder.path().join("a.key");
        assert!(matches!(given(&file), Err(Error::TokenKey { .. })));
        fs::write(&file, [7; 31]).unwrap();
        let said = given(&file).unwrap_err().to_string();
        assert!(said.contains("it has 31 bytes"), "{said}");
        fs::write(&file, [7; 32]).unwrap();
        assert!(given(&file).is_ok());

        fs::write(folder.path().join("data/token.key"), "cut").unwrap();
        let said = given(&file).unwrap_err().to_string();
        assert!(
            said.contains("token.key") && said.contains("it has 3 bytes"),
            "{said}"
        );
    }
}
