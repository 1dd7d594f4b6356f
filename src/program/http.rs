//! Sends a request to a server that halfway has started, as its client does.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsFd as _;

use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1::handshake;
use hyper::header::{HOST, HeaderMap};
use hyper_util::rt::TokioIo;
use tokio::net::TcpSocket;

use crate::disk::{Gate, Supervised};
use crate::error::BoxError;

/// A request, and to whom it goes.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(super) to: SocketAddr,
    pub(super) request: Request<Bytes>,
}

/// What a server answers.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Bytes,
}

impl Call {
    /// What is called, for people: the method and the path.
    pub(super) fn name(&self) -> String {
        let uri = self.request.uri();
        format!("{} {}", self.request.method(), uri.path_and_query().map_or("/", |path| path.as_str()))
    }

    /// Sends it, on a connection of its own, and waits for the whole of the answer. The gate is told.
    pub(super) async fn send(&self, server: &Supervised, gate: &Gate) -> Result<Reply, BoxError> {
        let stream = connect(server, self.to).await?;
        gate.wait_for(stream.as_fd().try_clone_to_owned()?);
        let (mut sender, connection) = handshake(TokioIo::new(stream)).await?;
        let answered = async {
            let response = sender.send_request(self.to_send()).await?;
            let status = response.status().as_u16();
            let body = response.into_body().collect().await?.to_bytes();
            gate.answered();
            // The connection is over when nothing more can be sent.
            drop(sender);
            Ok::<Reply, hyper::Error>(Reply { status, body })
        };
        let (answered, _) = tokio::join!(answered, connection);
        Ok(answered?)
    }

    fn to_send(&self) -> Request<Full<Bytes>> {
        let mut request = self.request.clone().map(Full::new);
        let uri = request.uri().clone();
        let host = uri.authority().and_then(|authority| authority.as_str().parse().ok());
        complete(request.headers_mut(), host);
        *request.uri_mut() = uri.path_and_query().map_or_else(Default::default, |path| path.clone().into());
        request
    }
}

/// What each client sends beside what a person has written down.
fn complete(headers: &mut HeaderMap, host: Option<hyper::header::HeaderValue>) {
    if let (Some(host), false) = (host, headers.contains_key(HOST)) {
        headers.insert(HOST, host);
    }
}

/// A connection into the network of the server.
pub(super) async fn connect(server: &Supervised, to: SocketAddr) -> io::Result<tokio::net::TcpStream> {
    let socket = server.socket(to.is_ipv6())?;
    TcpSocket::from_std_stream(TcpStream::from(socket)).connect(to).await
}
