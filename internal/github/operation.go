package github

// Operations as they are called in metrics and errors.
const (
	opToken         = "token"
	opInstallations = "installations"
	opDeliveries    = "deliveries"
	opRedeliver     = "redeliver"
	opRepositories  = "repositories"
	opRepository    = "repository"
	opHead          = "head"
	opTree          = "tree"
	opBlob          = "blob"
	opFile          = "file"
	opArchiveLink   = "archive_link"
	opArchive       = "archive"
	opCheckCreate   = "check_create"
	opCheckUpdate   = "check_update"
)

var operations = []string{opToken, opInstallations, opDeliveries, opRedeliver, opRepositories, opRepository, opHead, opTree, opBlob, opFile,
	opArchiveLink, opArchive, opCheckCreate, opCheckUpdate}
