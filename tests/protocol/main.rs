//! The service over real sockets, as a client in another language would meet it.

mod branches;
mod games;
mod http;
mod operators;
mod people;
mod player;
mod strangers;
mod support;
mod together;
