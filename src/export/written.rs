//! A table on its way into a file: CSV, or Parquet.

use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;

use ::parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use ::parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type};
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::types::Type;

use super::cell::{Cell, Kind};
use super::table::Column;

/// Values of a row group at most: with eight bytes each what is kept of it in memory stays below some tens of megabytes.
const GROUP_CELLS: usize = 4 << 20;
/// Rows of a row group at most.
const GROUP_ROWS: usize = 128 << 10;
/// Bytes of text of a row group at most, more or less.
const GROUP_TEXT: usize = 32 << 20;

/// What takes rows.
pub(super) trait Writer {
    /// Takes a row: one value for each column.
    fn row(&mut self, cells: &[Cell]) -> io::Result<()>;

    /// There are no more.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

/// CSV.
pub(super) struct Csv<W: Write> {
    writer: csv::Writer<W>,
}

impl<W: Write> Csv<W> {
    pub(super) fn new(file: W, columns: &[Column]) -> io::Result<Self> {
        let mut writer = csv::WriterBuilder::new().buffer_capacity(1 << 16).from_writer(file);
        writer.write_record(columns.iter().map(|column| column.name.as_str())).map_err(of_csv)?;
        Ok(Self { writer })
    }
}

/// A failure of the writer beneath, as such.
fn of_csv(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(cause) => cause,
        other => io::Error::other(format!("{other:?}")),
    }
}

impl<W: Write> Writer for Csv<W> {
    fn row(&mut self, cells: &[Cell]) -> io::Result<()> {
        for cell in cells {
            match cell {
                Cell::Null => self.writer.write_field(b""),
                Cell::Text(text) | Cell::Json(text) => self.writer.write_field(text),
                other => self.writer.write_field(other.text()),
            }
            .map_err(of_csv)?;
        }
        self.writer.write_record(None::<&[u8]>).map_err(of_csv)
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.writer.flush()
    }
}

/// Parquet. A row group is kept column by column until it is large enough.
pub(super) struct Parquet {
    writer: SerializedFileWriter<File>,
    columns: Vec<Held>,
    rows: usize,
    text: usize,
}

/// The values of a column in the row group to come.
struct Held {
    kind: Kind,
    values: Values,
    /// Of each row whether there is a value: 1 or 0.
    levels: Vec<i16>,
}

enum Values {
    Bool(Vec<bool>),
    Int(Vec<i64>),
    Float(Vec<f64>),
    Text(Vec<ByteArray>),
}

impl Parquet {
    pub(super) fn new(file: File, columns: &[Column]) -> io::Result<Self> {
        let fields = columns.iter().map(|column| {
            let (physical, logical) = match column.kind {
                Kind::Bool => (Physical::BOOLEAN, None),
                Kind::Int => (Physical::INT64, None),
                Kind::Float => (Physical::DOUBLE, None),
                Kind::Time => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MILLIS))),
                Kind::Text | Kind::Json | Kind::Mixed => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            };
            let field = Type::primitive_type_builder(&column.name, physical).with_repetition(Repetition::OPTIONAL);
            field.with_logical_type(logical).build().map(Arc::new)
        });
        let fields = fields.collect::<Result<_, _>>().map_err(of_parquet)?;
        let schema = Type::group_type_builder("schema").with_fields(fields).build().map_err(of_parquet)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(format!("greenroom {}", env!("CARGO_PKG_VERSION")))
            .build();
        let writer = SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties)).map_err(of_parquet)?;
        let columns = columns.iter().map(|column| Held::new(column.kind)).collect();
        Ok(Self { writer, columns, rows: 0, text: 0 })
    }

    fn write_group(&mut self) -> Result<(), ParquetError> {
        let mut group = self.writer.next_row_group()?;
        for held in &mut self.columns {
            let Some(mut column) = group.next_column()? else { break };
            let levels = Some(&held.levels[..]);
            match &held.values {
                Values::Bool(values) => column.typed::<BoolType>().write_batch(values, levels, None)?,
                Values::Int(values) => column.typed::<Int64Type>().write_batch(values, levels, None)?,
                Values::Float(values) => column.typed::<DoubleType>().write_batch(values, levels, None)?,
                Values::Text(values) => column.typed::<ByteArrayType>().write_batch(values, levels, None)?,
            };
            column.close()?;
            held.clear();
        }
        group.close()?;
        (self.rows, self.text) = (0, 0);
        Ok(())
    }
}

/// A failure of the writer beneath, as such.
fn of_parquet(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(cause) => match cause.downcast::<io::Error>() {
            Ok(cause) => *cause,
            Err(cause) => io::Error::other(cause),
        },
        other => io::Error::other(other),
    }
}

impl Writer for Parquet {
    fn row(&mut self, cells: &[Cell]) -> io::Result<()> {
        for (held, cell) in self.columns.iter_mut().zip(cells) {
            self.text += held.take(cell);
        }
        self.rows += 1;
        let full = self.rows * self.columns.len() >= GROUP_CELLS || self.rows >= GROUP_ROWS || self.text >= GROUP_TEXT;
        if full { self.write_group().map_err(of_parquet) } else { Ok(()) }
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        if self.rows > 0 {
            self.write_group().map_err(of_parquet)?;
        }
        self.writer.close().map(drop).map_err(of_parquet)
    }
}

impl Held {
    fn new(kind: Kind) -> Self {
        let values = match kind {
            Kind::Bool => Values::Bool(Vec::new()),
            Kind::Int | Kind::Time => Values::Int(Vec::new()),
            Kind::Float => Values::Float(Vec::new()),
            Kind::Text | Kind::Json | Kind::Mixed => Values::Text(Vec::new()),
        };
        Self { kind, values, levels: Vec::new() }
    }

    fn clear(&mut self) {
        self.levels.clear();
        match &mut self.values {
            Values::Bool(values) => values.clear(),
            Values::Int(values) => values.clear(),
            Values::Float(values) => values.clear(),
            Values::Text(values) => values.clear(),
        }
    }

    /// Takes a value, and tells how many bytes of text it has.
    #[allow(clippy::cast_precision_loss, reason = "a column of whole numbers and others is one of floats")]
    fn take(&mut self, cell: &Cell) -> usize {
        let mut bytes = 0;
        let there = match (&mut self.values, cell) {
            (_, Cell::Null) => false,
            (Values::Bool(values), Cell::Bool(yes)) => put(values, *yes),
            (Values::Int(values), Cell::Int(number)) => put(values, *number),
            (Values::Int(values), Cell::Time(at)) => put(values, i64::try_from(at.0).unwrap_or(i64::MAX)),
            (Values::Float(values), Cell::Float(number)) => put(values, *number),
            (Values::Float(values), Cell::Int(number)) => put(values, *number as f64),
            (Values::Text(values), cell) => {
                let text = match self.kind {
                    Kind::Mixed => cell.as_json().to_string(),
                    _ => cell.text(),
                };
                bytes = text.len();
                put(values, ByteArray::from(text.into_bytes()))
            }
            (_, other) => {
                debug_assert!(false, "the first pass has found a kind that fits {other:?}");
                false
            }
        };
        self.levels.push(i16::from(there));
        bytes
    }
}

fn put<T>(values: &mut Vec<T>, value: T) -> bool {
    values.push(value);
    true
}
