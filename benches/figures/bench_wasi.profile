http, 32 busy, ours: 23737 instructions a request: mio 1116, tokio 3576, hyper 10285, http 2091, httparse 1560, others 5107
http, 32 busy, published: 29209 instructions a request: mio 3121, tokio 5488, hyper 11114, http 2091, httparse 1560, others 5833
echo, 32 busy, ours: 4878 instructions a request: mio 800, tokio 4020, others 57
echo, 32 busy, published: 5856 instructions a request: mio 1226, tokio 4357, others 272
echo, 32 busy, poll: 996 instructions a request: mio 789, poll_echo 174, others 32
echo, 32 busy, raw: 172 instructions a request: raw_echo 142, others 29
