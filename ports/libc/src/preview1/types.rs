//! The types of sockets on WASI preview 1.
#![allow(non_camel_case_types)] // the names are libc's

use libc::{c_char, c_int};

pub type sa_family_t = u16;
pub type in_port_t = u16;
pub type in_addr_t = u32;
pub type socklen_t = u32;

#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct sockaddr {
    pub sa_family: sa_family_t,
    pub sa_data: [c_char; 14],
}

#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct in_addr {
    pub s_addr: in_addr_t,
}

#[derive(Clone, Copy, Debug)]
#[repr(C, align(4))]
pub struct in6_addr {
    pub s6_addr: [u8; 16],
}

#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct sockaddr_in {
    pub sin_family: sa_family_t,
    pub sin_port: in_port_t,
    pub sin_addr: in_addr,
    pub sin_zero: [u8; 8],
}

#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct sockaddr_in6 {
    pub sin6_family: sa_family_t,
    pub sin6_port: in_port_t,
    pub sin6_flowinfo: u32,
    pub sin6_addr: in6_addr,
    pub sin6_scope_id: u32,
}

#[derive(Clone, Copy, Debug)]
#[repr(C, align(16))]
pub struct sockaddr_storage {
    pub ss_family: sa_family_t,
    padding: [u8; 126],
}

#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct linger {
    pub l_onoff: c_int,
    pub l_linger: c_int,
}

#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct ip_mreq {
    pub imr_multiaddr: in_addr,
    pub imr_interface: in_addr,
}

#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct ipv6_mreq {
    pub ipv6mr_multiaddr: in6_addr,
    pub ipv6mr_interface: u32,
}
