//! Byte streams to a relay, over TCP or whatever a test puts in its place.

use std::{future::Future, io, pin::Pin, sync::Arc};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};

/// A byte stream in both directions.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Any byte stream.
pub type BoxedStream = Box<dyn Stream>;

/// A byte stream that opens.
pub type Connecting = Pin<Box<dyn Future<Output = io::Result<BoxedStream>> + Send>>;

/// Opens byte streams to an address, `host:port`. Implemented by closures that give a future.
pub trait Connector: Send + Sync + 'static {
    /// Opens one.
    fn connect(&self, address: &str) -> Connecting;
}

impl<F, Opening, S> Connector for F
where
    F: Fn(String) -> Opening + Send + Sync + 'static,
    Opening: Future<Output = io::Result<S>> + Send + 'static,
    S: Stream + 'static,
{
    fn connect(&self, address: &str) -> Connecting {
        let opening = self(address.to_owned());
        Box::pin(async move { Ok(Box::new(opening.await?) as BoxedStream) })
    }
}

/// TCP as it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tcp;

impl Connector for Tcp {
    fn connect(&self, address: &str) -> Connecting {
        let address = address.to_owned();
        Box::pin(async move {
            let stream = TcpStream::connect(address).await?;
            // Messages are small and wait for their answers.
            stream.set_nodelay(true)?;
            Ok(Box::new(stream) as BoxedStream)
        })
    }
}

impl Connector for Arc<dyn Connector> {
    fn connect(&self, address: &str) -> Connecting {
        (**self).connect(address)
    }
}
