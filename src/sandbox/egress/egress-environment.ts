/** Where the host's proxy is offered inside a box. The box has a network of its own: nothing else is there. */
export const RELAY_PORT = 3128

/** Variables by which the usual tools find the way out. Without any allowed host there is none to find. */
export function egressEnvironment(allowHosts: readonly string[]): Readonly<Record<string, string>> {
  if (allowHosts.length === 0) return {}
  const proxy = `http://127.0.0.1:${RELAY_PORT}`
  const local = 'localhost,127.0.0.1,::1'
  const java = ['http', 'https']
    .map((kind) => `-D${kind}.proxyHost=127.0.0.1 -D${kind}.proxyPort=${RELAY_PORT}`)
    .join(' ')
  return {
    HTTP_PROXY: proxy,
    HTTPS_PROXY: proxy,
    http_proxy: proxy,
    https_proxy: proxy,
    NO_PROXY: local,
    no_proxy: local,
    npm_config_proxy: proxy,
    npm_config_https_proxy: proxy,
    YARN_HTTP_PROXY: proxy,
    YARN_HTTPS_PROXY: proxy,
    CARGO_HTTP_PROXY: proxy,
    MAVEN_OPTS: java,
    GRADLE_OPTS: java,
    // Node's own fetch and http look at the variables above only when told to.
    NODE_USE_ENV_PROXY: '1',
  }
}
