// What pintle is told beside: node express.cjs stateless|rotate PORT FOLDER, with the packages of tests/e2e.
//
// stateless: what many begin with. The refresh token is a JWT by HS256 (its secret a KeyObject, or jsonwebtoken would
//   try to read it as PEM each time), nothing is stored, the access token is one more JWT.
// rotate: what pintle does. An opaque refresh token whose hash is swapped in SQLite, durably (synchronous=FULL), and an
//   access token by ES256 (the environment's SQLITE is where better-sqlite3 is). FOLDER/tokens gets new refresh tokens at each SIGUSR2; FOLDER/access has an access token.
const [mode, port, folder] = process.argv.slice(2)
const crypto = require('crypto')
const fs = require('fs')
const path = require('path')
const modules = path.join(__dirname, '..', 'e2e', 'node_modules')
const express = require(path.join(modules, 'express'))
const jwt = require(path.join(modules, 'jsonwebtoken'))

const app = express()
const secret = crypto.createSecretKey(crypto.randomBytes(48))
const pair = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' })
const [signing, verifying, algorithm] = mode === 'rotate'
  ? [pair.privateKey, pair.publicKey, 'ES256'] : [secret, secret, 'HS256']
const sign = (user) => jwt.sign({ sub: user }, signing, { algorithm, expiresIn: '15m' })
const hash = (text) => crypto.createHash('sha256').update(text).digest()
const cookie = (request) => /refreshToken=([^;]+)/.exec(request.headers.cookie ?? '')?.[1] ?? ''

function stateless () {
  app.post('/refresh', (request, response) => {
    jwt.verify(cookie(request), secret, { algorithms: ['HS256'] }, (error, claims) =>
      error ? response.status(403).end() : response.json({ accessToken: sign(claims.sub) }))
  })
  fs.writeFileSync(path.join(folder, 'tokens'), jwt.sign({ sub: 'user-1' }, secret, { expiresIn: '7d' }) + '\n')
}

function rotate () {
  const db = new (require(process.env.SQLITE))(path.join(folder, 'sessions.db'))
  db.pragma('journal_mode=WAL')
  db.pragma('synchronous=FULL')
  db.exec('create table if not exists sessions(id text primary key, user text, hash blob, used int)')
  const put = db.prepare('insert or replace into sessions values(?, ?, ?, ?)')
  const swap = db.prepare('update sessions set hash = ?, used = ? where id = ? and hash = ?')
  const mint = () => {
    const lines = []
    db.exec('begin')
    for (let i = 0; i < 10000; i++) {
      const token = crypto.randomBytes(32).toString('base64url')
      put.run('id' + i, 'user-' + i, hash(token), 0)
      lines.push('id' + i + '.' + token)
    }
    db.exec('commit')
    fs.writeFileSync(path.join(folder, 'tokens.new'), lines.join('\n') + '\n')
    fs.renameSync(path.join(folder, 'tokens.new'), path.join(folder, 'tokens'))
  }
  mint()
  process.on('SIGUSR2', mint)
  app.post('/refresh', (request, response) => {
    const [id, old] = cookie(request).split('.')
    const next = crypto.randomBytes(32).toString('base64url')
    if (swap.run(hash(next), Date.now(), id, hash(old ?? '')).changes !== 1) return response.status(403).end()
    response.cookie('refreshToken', id + '.' + next, { httpOnly: true, secure: true, sameSite: 'strict', path: '/' })
    response.json({ accessToken: sign(id) })
  })
}

mode === 'rotate' ? rotate() : stateless()
app.get('/verify', (request, response) =>
  jwt.verify((request.headers.authorization ?? '').slice(7), verifying, { algorithms: [algorithm] },
    (error) => response.status(error ? 401 : 204).end()))
fs.writeFileSync(path.join(folder, 'access'), sign('user-1'))
app.listen(Number(port), '127.0.0.1')
