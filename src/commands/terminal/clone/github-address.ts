const OWNER_AND_NAME = /^\/?([A-Za-z0-9][\w-]{0,38})\/([\w.-]{1,100}?)(?:\.git)?\/?$/

/**
 * The web address of a repository on GitHub, from the address that it was cloned from: HTTPS or SSH, with or without a
 * login. Undefined for an address that cannot be on GitHub, such as a path.
 */
export function githubAddressOf(remote: string): string | undefined {
  const url = /^(https?|ssh|git):\/\//i.test(remote) && URL.canParse(remote) ? new URL(remote) : undefined
  if (url) {
    const isWeb = url.protocol === 'http:' || url.protocol === 'https:'
    // GitHub also serves SSH on this host, for networks that block all ports but that of HTTPS.
    const host = isWeb ? url.host : url.hostname.replace(/^ssh\.github\.com$/i, 'github.com')
    return join(`${isWeb ? url.protocol : 'https:'}//${host}`, url.pathname)
  }
  // git@github.com:acme/greeter.git
  const [, host, path] = /^(?:[\w.-]+@)?([A-Za-z0-9][\w.-]+):(?!\/\/)(.+)$/.exec(remote) ?? []
  return host === undefined || path === undefined ? undefined : join(`https://${host}`, path)
}

function join(origin: string, path: string): string | undefined {
  const [, owner, name] = OWNER_AND_NAME.exec(path) ?? []
  return owner === undefined || name === undefined || /^\.+$/.test(name)
    ? undefined
    : `${origin}/${owner}/${name}`
}
