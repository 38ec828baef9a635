" Vim indent file
" Language: governance rules (.gov)

if exists('b:did_indent')
  finish
endif
let b:did_indent = 1

setlocal indentexpr=GovIndent(v:lnum)
setlocal indentkeys=0},0],!^F,o,O
setlocal nosmartindent

let b:undo_indent = 'setlocal indentexpr< indentkeys< smartindent<'

if exists('*GovIndent')
  finish
endif

" A line that only continues the clause above it.
let s:continues = '^\s*\%(->\|\[\|\%(as\|overrides\|after\|before\|within\|every\|if\|by\|where\|and\|or\)\>\)'

" The line with its texts emptied and without its comment.
function! s:Code(lnum) abort
  return substitute(substitute(getline(a:lnum), '"\%(\\.\|[^"\\]\)*"', '""', 'g'), '#.*$', '', '')
endfunction

" The nearest line above that is neither empty nor all comment, 0 if there is none.
function! s:Above(lnum) abort
  let l:above = prevnonblank(a:lnum - 1)
  while l:above > 0 && s:Code(l:above) =~# '^\s*$'
    let l:above = prevnonblank(l:above - 1)
  endwhile
  return l:above
endfunction

function! s:Continues(lnum) abort
  return s:Code(a:lnum) =~# s:continues || s:Code(s:Above(a:lnum)) =~# ',\s*$'
endfunction

function! GovIndent(lnum) abort
  let l:above = s:Above(a:lnum)
  if l:above == 0
    return 0
  endif

  " The clause above, with the braces of all its lines.
  let l:code = s:Code(l:above)
  while s:Above(l:above) > 0 && s:Continues(l:above)
    let l:above = s:Above(l:above)
    let l:code = s:Code(l:above) . ' ' . l:code
  endwhile

  " A brace that closes at the start of a line has already moved that line.
  let l:code = substitute(l:code, '^\s*}', '', '')
  let l:depth = count(l:code, '{') - count(l:code, '}')
  let l:indent = indent(l:above) + l:depth * shiftwidth()

  if s:Code(a:lnum) =~# '^\s*}'
    let l:indent -= shiftwidth()
  elseif s:Continues(a:lnum) && l:depth == 0
    let l:indent += shiftwidth()
  endif
  return l:indent < 0 ? 0 : l:indent
endfunction
