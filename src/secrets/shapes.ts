/**
 * Secrets by shape. One list serves two purposes: masking text before it leaves the process, and refusing to
 * publish a change that holds one. GitHub's installation tokens are no longer 40 characters: they carry a JWT
 * (`ghs_<app>_<jwt>`, ~520 characters with `.`, `_` and `-`), so no upper bound is safe.
 */
export const SECRET_SHAPES: readonly {
  readonly id: string
  readonly name: string
  readonly pattern: RegExp
}[] = [
  { id: 'github-token', name: 'GitHub token', pattern: /\bgh[oprsu]_[A-Za-z0-9._-]{36,}/g },
  {
    id: 'github-fine-grained-pat',
    name: 'GitHub fine-grained token',
    pattern: /\bgithub_pat_[A-Za-z0-9_]{22,}/g,
  },
  { id: 'anthropic-api-key', name: 'Anthropic key', pattern: /\bsk-ant-[A-Za-z0-9_-]{16,}/g },
  {
    id: 'openai-api-key',
    name: 'OpenAI key',
    pattern: /\bsk-(?!ant-)(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{20,}/g,
  },
  { id: 'e2b-api-key', name: 'E2B key', pattern: /\be2b_[A-Za-z0-9]{20,}/g },
  { id: 'langsmith-api-key', name: 'LangSmith key', pattern: /\blsv2_(?:pt|sk)_[A-Za-z0-9_]{20,}/g },
  { id: 'aws-access-token', name: 'AWS access key', pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g },
  { id: 'slack-token', name: 'Slack token', pattern: /\bxox[abprs]-[A-Za-z0-9-]{10,}/g },
  { id: 'gcp-api-key', name: 'Google API key', pattern: /\bAIza[0-9A-Za-z_-]{35}\b/g },
  {
    id: 'jwt',
    name: 'JSON web token',
    pattern: /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/g,
  },
  {
    id: 'private-key',
    name: 'private key',
    pattern: /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----[\s\S]*?(?:-----END (?:[A-Z]+ )*PRIVATE KEY-----|$)/g,
  },
  { id: 'url-password', name: 'URL password', pattern: /(?<=:\/\/[^\s/:@]{0,64}:)[^\s/@]{3,}(?=@)/g },
]
