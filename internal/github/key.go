package github

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
)

var errBadKey = errors.New("the App's private key is not a PEM-encoded RSA key: generate and download one on the App's settings page")

// CheckKey gives one clear sentence for whatever is wrong with an App's private key;
// the key's content never gets into it.
func CheckKey(key []byte) error {
	block, _ := pem.Decode(key)
	if block == nil {
		return errBadKey
	}
	if _, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return nil
	}
	k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if _, ok := k.(*rsa.PrivateKey); err != nil || !ok {
		return errBadKey
	}
	return nil
}
