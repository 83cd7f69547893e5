/**
 * A certificate for localhost and 127.0.0.1 that signed itself, and its key, for tests alone; good until 2126. Made by:
 *
 *     openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -subj '/CN=millrace test' \
 *       -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' -keyout key.pem -out cert.pem
 */
export const cert = Buffer.from(`-----BEGIN CERTIFICATE-----
MIIBojCCAUmgAwIBAgIUX2k0vsagJhHkAiZJtHdDeE9odlYwCgYIKoZIzj0EAwIw
GDEWMBQGA1UEAwwNbWlsbHJhY2UgdGVzdDAgFw0yNjExMjUwMDEzMDhaGA8yMTI2
MTEwMTAwMTMwOFowGDEWMBQGA1UEAwwNbWlsbHJhY2UgdGVzdDBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABE68zRCzZZJDD1Fd2Cane7TVwFCftFrGTsb+7UxCMqbw
C4HadXfaaD3xLTkyEBOo0M8q/z989S0BEmQWLlOyPmGjbzBtMB0GA1UdDgQWBBRS
CKGLUMEiSIBr+/a2HmBheSG7AjAfBgNVHSMEGDAWgBRSCKGLUMEiSIBr+/a2HmBh
eSG7AjAPBgNVHRMBAf8EBTADAQH/MBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAA
ATAKBggqhkjOPQQDAgNHADBEAiAcnFz7WSHL93vQzZehot93LAzsgrgYRjKzzh4y
GWkg1AIgBPFY3XZxc2zj0d9sFuzbGoPEORcty7qNdDDYb4K70OI=
-----END CERTIFICATE-----
`)

export const key = Buffer.from(`-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgCAJx8ft0eJP9DcjQ
7YQvILHv3xZjDgOLrfp+uF2+F3ahRANCAAROvM0Qs2WSQw9RXdgmp3u01cBQn7Ra
xk7G/u1MQjKm8AuB2nV32mg98S05MhATqNDPKv8/fPUtARJkFi5Tsj5h
-----END PRIVATE KEY-----
`)
