package githubsim

import (
	"fmt"
	"slices"
	"time"
)

// ownerJSON is a "simple user".
func ownerJSON(base, login string) map[string]any {
	user := base + "/users/" + login
	return map[string]any{
		"login": login, "name": login, "id": accountID(login), "node_id": fmt.Sprintf("U_%d", accountID(login)), "type": "Organization", "site_admin": false,
		"avatar_url": user, "gravatar_id": "", "url": user, "html_url": base + "/" + login,
		"followers_url": user + "/followers", "following_url": user + "/following{/other_user}",
		"gists_url": user + "/gists{/gist_id}", "starred_url": user + "/starred{/owner}{/repo}",
		"subscriptions_url": user + "/subscriptions", "organizations_url": user + "/orgs", "repos_url": user + "/repos",
		"events_url": user + "/events{/privacy}", "received_events_url": user + "/received_events",
	}
}

// accountID derives a stable positive id from a login.
func accountID(login string) int64 {
	id := int64(7)
	for _, r := range login {
		id = (id*31 + int64(r)) % 1_000_000_007
	}
	return id
}

// urlTemplates are the URL fields of a repository, relative to its own URL.
func urlTemplates() map[string]string {
	return map[string]string{
		"archive_url": "/{archive_format}{/ref}", "assignees_url": "/assignees{/user}", "blobs_url": "/git/blobs{/sha}",
		"branches_url": "/branches{/branch}", "collaborators_url": "/collaborators{/collaborator}", "comments_url": "/comments{/number}",
		"commits_url": "/commits{/sha}", "compare_url": "/compare/{base}...{head}", "contents_url": "/contents/{+path}",
		"contributors_url": "/contributors", "deployments_url": "/deployments", "downloads_url": "/downloads", "events_url": "/events",
		"forks_url": "/forks", "git_commits_url": "/git/commits{/sha}", "git_refs_url": "/git/refs{/sha}", "git_tags_url": "/git/tags{/sha}",
		"hooks_url": "/hooks", "issue_comment_url": "/issues/comments{/number}", "issue_events_url": "/issues/events{/number}",
		"issues_url": "/issues{/number}", "keys_url": "/keys{/key_id}", "labels_url": "/labels{/name}", "languages_url": "/languages",
		"merges_url": "/merges", "milestones_url": "/milestones{/number}", "notifications_url": "/notifications{?since,all,participating}",
		"pulls_url": "/pulls{/number}", "releases_url": "/releases{/id}", "stargazers_url": "/stargazers", "statuses_url": "/statuses/{sha}",
		"subscribers_url": "/subscribers", "subscription_url": "/subscription", "tags_url": "/tags", "teams_url": "/teams", "trees_url": "/git/trees{/sha}",
	}
}

// repositoryJSON is the repository as the REST API shows it.
func (s *Server) repositoryJSON(base string, repo *repository) map[string]any {
	owner, name, branch := s.names(repo)
	full := owner + "/" + name
	visibility := "public"
	if repo.private.Load() {
		visibility = "private"
	}
	created := repo.createdAt.UTC().Format(time.RFC3339)
	value := map[string]any{
		"id": repo.id, "node_id": nodeID(repo.id), "name": name, "full_name": full, "private": repo.private.Load(),
		"owner": ownerJSON(base, owner), "default_branch": branch, "visibility": visibility,
		"url": base + "/repos/" + full, "html_url": base + "/" + full, "description": nil, "fork": false,
		"clone_url": base + "/" + full + ".git", "git_url": "git://" + full + ".git", "ssh_url": "git@" + full + ".git", "svn_url": base + "/" + full,
		"homepage": nil, "language": nil, "license": nil, "mirror_url": nil, "topics": []string{}, "size": 0,
		"archived": repo.archived.Load(), "disabled": false, "is_template": false, "allow_forking": true, "web_commit_signoff_required": false,
		"forks": 0, "forks_count": 0, "open_issues": 0, "open_issues_count": 0, "stargazers_count": 0, "watchers": 0,
		"watchers_count": 0, "network_count": 0, "subscribers_count": 0,
		"has_issues": false, "has_projects": false, "has_wiki": false, "has_pages": false, "has_discussions": false, "has_downloads": false,
		"created_at": created, "updated_at": created, "pushed_at": created,
	}
	for field, template := range urlTemplates() {
		value[field] = base + "/repos/" + full + template
	}
	return value
}

func nodeID(id int64) string { return fmt.Sprintf("R_%d", id) }

// repositoriesJSON lists the repositories that keep accepts, by id.
func (s *Server) repositoriesJSON(c *call, keep func(*repository) bool) []map[string]any {
	s.mu.Lock()
	var kept []*repository
	for _, repo := range s.repositories {
		if keep(repo) {
			kept = append(kept, repo)
		}
	}
	s.mu.Unlock()
	slices.SortFunc(kept, func(a, b *repository) int { return int(a.id - b.id) })
	list := make([]map[string]any, len(kept))
	for i, repo := range kept {
		list[i] = s.repositoryJSON(c.base, repo)
	}
	return list
}
