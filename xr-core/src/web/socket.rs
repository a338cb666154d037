//! One WebSocket: its events as calls of a listener, until it is dropped.

use chat_relay_protocol::Codec;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{MessageEvent, WebSocket};

/// What a socket brings.
pub(crate) enum SocketEvent {
    Opened,
    Text(String),
    Closed,
}

/// An open or opening socket. Dropped, it closes and is heard of no more.
pub(crate) struct Socket {
    socket: WebSocket,
    _on_open: Closure<dyn Fn()>,
    _on_message: Closure<dyn Fn(MessageEvent)>,
    _on_close: Closure<dyn Fn()>,
}

impl Socket {
    /// Opens a socket. Errors are what the browser throws: a URL that it does not take, mixed content.
    pub(crate) fn open(
        url: &str,
        codec: Codec,
        listener: impl Fn(SocketEvent) + Clone + 'static,
    ) -> Result<Socket, JsValue> {
        let socket = WebSocket::new_with_str(url, codec.subprotocol())?;
        let (opened, message, closed) = (listener.clone(), listener.clone(), listener);
        let on_open = Closure::<dyn Fn()>::new(move || opened(SocketEvent::Opened));
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(text) = event.data().as_string() {
                message(SocketEvent::Text(text));
            }
        });
        // An error is always followed by a close.
        let on_close = Closure::<dyn Fn()>::new(move || closed(SocketEvent::Closed));
        socket.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));
        Ok(Socket {
            socket,
            _on_open: on_open,
            _on_message: on_message,
            _on_close: on_close,
        })
    }

    /// Sends a message of JSON, the only codec that this module contains. What cannot be sent is not reported: the close that follows is.
    pub(crate) fn send(&self, json: &[u8]) {
        if let Ok(text) = std::str::from_utf8(json) {
            let _closing = self.socket.send_with_str(text);
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        let _closed_already = self.socket.close();
    }
}
