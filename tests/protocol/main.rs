//! The service over real sockets, as a client in another language would meet it.

mod branches;
mod documents;
mod earning;
mod games;
mod gates;
mod http;
mod operators;
mod people;
mod player;
mod strangers;
mod support;
mod together;
