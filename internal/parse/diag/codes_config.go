package diag

// Codes of a repository's own configuration files.
const (
	ConfigSyntax     Code = "config-syntax"
	ConfigUnknownKey Code = "config-unknown-key"
	ConfigBadValue   Code = "config-bad-value"
	ConfigTooLarge   Code = "config-too-large"
	ConfigRepeated   Code = "config-repeated-key"
)
