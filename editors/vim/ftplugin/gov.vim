" Vim filetype plugin
" Language: governance rules (.gov)

if exists('b:did_ftplugin')
  finish
endif
let b:did_ftplugin = 1

let s:cpo_save = &cpoptions
set cpoptions&vim

setlocal comments=:#
setlocal commentstring=#\ %s
setlocal formatoptions-=t
setlocal formatoptions+=croql
" A hyphen is part of a name: release-liaison is one word.
setlocal iskeyword+=-
setlocal expandtab
setlocal shiftwidth=2
setlocal softtabstop=2
setlocal suffixesadd=.gov

let b:undo_ftplugin = 'setlocal comments< commentstring< formatoptions< iskeyword< expandtab<'
      \ . ' shiftwidth< softtabstop< suffixesadd<'

let &cpoptions = s:cpo_save
unlet s:cpo_save
