package githubsim

import (
	"crypto/x509"
	"encoding/pem"
)

// PrivateKeyPEM is the App's private key in PKCS #1 PEM form, the form of the
// file that GitHub lets an App's owner download.
func (s *Server) PrivateKeyPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{
		Type:  "RSA PRIVATE KEY",
		Bytes: x509.MarshalPKCS1PrivateKey(s.key),
	})
}
