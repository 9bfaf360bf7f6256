package githubsim

import (
	"encoding/json"
	"net/http"
	"strconv"
)

const docsURL = "https://docs.github.com/rest"

// apiError is an answer other than success, in GitHub's shape.
type apiError struct {
	status  int
	message string
	docs    string // empty means docsURL
	header  http.Header
}

func (e *apiError) Error() string { return strconv.Itoa(e.status) + " " + e.message }

func (e *apiError) write(w http.ResponseWriter) {
	for name, values := range e.header {
		w.Header()[name] = values
	}
	docs := e.docs
	if docs == "" {
		docs = docsURL
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(e.status)
	_ = json.NewEncoder(w).Encode(map[string]string{
		"message": e.message, "documentation_url": docs, "status": strconv.Itoa(e.status),
	})
}

func failure(status int, message string) error { return &apiError{status: status, message: message} }

func notFound() error       { return failure(http.StatusNotFound, "Not Found") }
func badCredentials() error { return failure(http.StatusUnauthorized, "Bad credentials") }

func unprocessable(message string) error {
	return failure(http.StatusUnprocessableEntity, message)
}

// emptyRepository is what git data endpoints answer before the first commit.
func emptyRepository() error {
	return failure(http.StatusConflict, "Git Repository is empty.")
}

// forbidden is the answer to a token that lacks a permission ("contents=read").
func forbidden(permission string) error {
	return &apiError{
		status: http.StatusForbidden, message: "Resource not accessible by integration",
		header: http.Header{"X-Accepted-Github-Permissions": {permission}},
	}
}
