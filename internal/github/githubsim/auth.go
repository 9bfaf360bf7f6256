package githubsim

import (
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v4"
)

// maxJWTLife is how far ahead an App's JWT may expire. Source: docs,
// apps/.../generating-a-json-web-token-jwt-for-a-github-app.
const maxJWTLife = 10 * time.Minute

const undecodableJWT = "A JSON web token could not be decoded"

// caller is who a request comes from: the App, an installation or nobody.
type caller struct {
	app   bool
	token *token // of an installation
}

// name keys rate limits, in the words of GitHub's own error message.
func (c caller) name() string {
	switch {
	case c.token != nil:
		return "installation ID " + strconv.FormatInt(c.token.installationID, 10)
	case c.app:
		return "the App"
	}
	return "anonymous requests"
}

// credentials returns the token of an Authorization header in either scheme
// GitHub takes; present tells whether there was a header at all.
func credentials(r *http.Request) (value string, present bool) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return "", false
	}
	scheme, value, _ := strings.Cut(header, " ")
	if strings.EqualFold(scheme, "bearer") || strings.EqualFold(scheme, "token") {
		return strings.TrimSpace(value), true
	}
	return "", true
}

// authenticateApp requires a valid App JWT.
func (s *Server) authenticateApp(r *http.Request) (caller, error) {
	value, present := credentials(r)
	if !present || strings.Count(value, ".") != 2 {
		return caller{}, failure(http.StatusUnauthorized, undecodableJWT)
	}
	if err := verifyJWT(value, &s.key.PublicKey, s.config.AppID, s.now()); err != nil {
		return caller{}, err
	}
	return caller{app: true}, nil
}

// verifyJWT checks signature, algorithm, iss, iat and exp as GitHub does.
func verifyJWT(value string, key *rsa.PublicKey, appID int64, now time.Time) error {
	claims := jwt.MapClaims{}
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"RS256"}), jwt.WithJSONNumber(), jwt.WithoutClaimsValidation())
	if _, err := parser.ParseWithClaims(value, claims, func(*jwt.Token) (any, error) { return key, nil }); err != nil {
		return failure(http.StatusUnauthorized, undecodableJWT)
	}
	unauthorized := func(message string) error { return failure(http.StatusUnauthorized, message) }
	issued, ok := timeClaim(claims, "iat")
	if !ok || issued.After(now) {
		return unauthorized("'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued")
	}
	expires, ok := timeClaim(claims, "exp")
	switch {
	case !ok || !expires.After(now):
		return unauthorized("'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires")
	case expires.Sub(now) > maxJWTLife:
		return unauthorized("'Expiration time' claim ('exp') is too far in the future")
	}
	if !issuedBy(claims["iss"], appID) {
		return unauthorized("'Issuer' claim ('iss') must be an Integer")
	}
	return nil
}

func timeClaim(claims jwt.MapClaims, name string) (time.Time, bool) {
	number, ok := claims[name].(json.Number)
	if !ok {
		return time.Time{}, false
	}
	seconds, err := number.Int64()
	return time.Unix(seconds, 0), err == nil
}

// issuedBy accepts the App id as a number or as text.
func issuedBy(issuer any, appID int64) bool {
	switch value := issuer.(type) {
	case string:
		return value == strconv.FormatInt(appID, 10)
	case json.Number:
		return value.String() == strconv.FormatInt(appID, 10)
	}
	return false
}

// authenticateToken accepts an installation token or no credentials at all.
func (s *Server) authenticateToken(r *http.Request) (caller, error) {
	value, present := credentials(r)
	if !present {
		return caller{}, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.tokens[value]
	if !ok || !found.expires.After(s.now()) {
		return caller{}, badCredentials()
	}
	in, ok := s.installations[found.installationID]
	if !ok {
		return caller{}, badCredentials()
	}
	if in.suspendedAt != nil {
		return caller{}, errSuspended()
	}
	return caller{token: found}, nil
}

// authorize checks that the caller may use a repository for a permission such
// as "contents=read". A private repository out of reach does not exist.
func (s *Server) authorize(c caller, repo *repository, permission string) error {
	granted := c.token != nil && s.grants(c.token, repo.id)
	name, level, _ := strings.Cut(permission, "=")
	switch {
	case granted && !permits(c.token.permissions[name], level):
		return forbidden(permission)
	case granted:
		return nil
	case repo.private.Load():
		return notFound()
	case level == "write" && c.token == nil:
		return failure(http.StatusUnauthorized, "Requires authentication")
	case level == "write":
		return forbidden(permission)
	}
	return nil
}

// permits tells whether a granted level covers a wanted one.
func permits(granted, wanted string) bool {
	return granted == wanted && granted != "" || granted == "write" && wanted == "read"
}
