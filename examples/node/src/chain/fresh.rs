//! A file that takes its place whole or not at all.

use crate::chain::{
    block::{Block, Head},
    format::{Format, Record},
};
use std::{
    fs::{self, File},
    io::{self, BufWriter, Write as _},
    path::{Path, PathBuf},
};

/// A file beside the place that it is meant for; taken away again unless it is put there.
pub struct Fresh {
    path: PathBuf,
    file: BufWriter<File>,
    placed: bool,
}

impl Fresh {
    /// An empty file of this path, instead of what a killed process may have left there.
    ///
    /// # Errors
    /// One line with the path.
    pub fn new(path: PathBuf) -> Result<Self, String> {
        let file = File::create(&path).map_err(|error| refusal(&path, &error))?;
        Ok(Self { path, file: BufWriter::with_capacity(1 << 16, file), placed: false })
    }

    /// Where it is for now.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes more.
    ///
    /// # Errors
    /// One line with the path, such as that there is no room.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.file.write_all(bytes).map_err(|error| refusal(&self.path, &error))
    }

    /// Makes sure that all of it is on the disk.
    ///
    /// # Errors
    /// One line with the path.
    pub fn flush(&mut self) -> Result<(), String> {
        let flushed = self.file.flush().and_then(|()| self.file.get_ref().sync_all());
        flushed.map_err(|error| refusal(&self.path, &error))
    }

    /// Takes the place of another file, on the disk, too.
    ///
    /// # Errors
    /// One line with the path; the other file is untouched.
    pub fn place(mut self, at: &Path) -> Result<(), String> {
        self.flush()?;
        fs::rename(&self.path, at).map_err(|error| refusal(at, &error))?;
        self.placed = true;
        sync_folder_of(at)
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if !self.placed {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Makes sure that a name in a folder is on the disk.
///
/// # Errors
/// One line with the folder.
pub fn sync_folder_of(path: &Path) -> Result<(), String> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| refusal(folder, &error))
}

/// Blocks written one after another, with the head that they lead to.
pub struct Chain<'a> {
    fresh: &'a mut Fresh,
    format: Format,
    head: Option<Head>,
}

impl<'a> Chain<'a> {
    /// Begins a chain in an empty file.
    ///
    /// # Errors
    /// What the file can't be written with.
    pub fn begin(fresh: &'a mut Fresh, format: Format) -> Result<Self, String> {
        fresh.write(format.header().as_bytes())?;
        Ok(Self { fresh, format, head: None })
    }

    /// Adds a block, without its seal where the format has none.
    ///
    /// # Errors
    /// What the file can't be written with.
    pub fn add(&mut self, mut block: Block) -> Result<(), String> {
        block.seal = block.seal.filter(|_| self.format.has_seals());
        let head = Head::after(self.head, &block);
        self.fresh.write(&self.format.encode(&Record { block, root: head.root }))?;
        self.head = Some(head);
        Ok(())
    }

    /// The newest block that was added.
    #[must_use]
    pub fn head(&self) -> Option<Head> {
        self.head
    }
}

fn refusal(path: &Path, error: &io::Error) -> String {
    let path = path.display();
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            format!(
                "{path}: there is no room for it ({error}); make the volume larger, or remove old backups"
            )
        }
        _ => format!("{path}: {error}"),
    }
}
