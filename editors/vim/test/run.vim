" Run by ../../test.sh in a headless Vim or Neovim:
"   vim -es -i NONE -u vimrc -S run.vim      (GOV_PACKPATH, GOV_SAMPLE, GOV_REPORT set)
" Asserts the detected filetype, the settings, the syntax group at chosen places, and the indenting.

let s:failures = []
let s:checks = 0

function! s:Check(ok, message) abort
  let s:checks += 1
  if !a:ok
    call add(s:failures, a:message)
  endif
endfunction

" The group at the word `what` in the first line that contains `line`.
function! s:Group(line, what, group) abort
  let l:lnum = search('\V' . escape(a:line, '\'), 'cw')
  if l:lnum == 0
    call s:Check(0, 'no line contains: ' . a:line)
    return
  endif
  let l:text = getline(l:lnum)
  let l:column = stridx(l:text, a:what, stridx(l:text, a:line))
  for l:at in [l:column, l:column + len(a:what) - 1]
    let l:found = synIDattr(synID(l:lnum, l:at + 1, 1), 'name')
    call s:Check(l:found ==# a:group,
          \ printf('%d:%d "%s" in "%s": expected %s, found %s', l:lnum, l:at + 1, a:what,
          \ a:line, a:group ==# '' ? 'no group' : a:group, l:found ==# '' ? 'no group' : l:found))
  endfor
endfunction

" Vim and VS Code's tokenizer see the same words as reserved. In a snapshot a line of source begins
" with `>`; under it, lines of `#`, blanks, `^` under the text, and the scopes.
function! s:Agree(snapshot) abort
  let l:lnum = 0
  let l:reserved = {}
  for l:line in readfile(a:snapshot) + ['>']
    if l:line[0] ==# '#'
      if l:line =~# ' keyword\.\%(control\|other\|operator\.logical\)\.' && l:line !~# ' keyword\.other\.unit\.'
        for l:column in range(match(l:line, '\^'), match(l:line, '\^ ') )
          let l:reserved[l:column] = 1
        endfor
      endif
      continue
    endif
    for l:column in range(1, len(getline(l:lnum)))
      if getline(l:lnum)[l:column - 1] =~# '\S'
        let l:group = synIDattr(synID(l:lnum, l:column, 1), 'name')
        call s:Check((l:group =~# '^gov\%(Open\|Mid\|ModalRest\)') == has_key(l:reserved, l:column),
              \ printf('%d:%d: %s in Vim, but %s reserved word in VS Code', l:lnum, l:column,
              \ l:group, has_key(l:reserved, l:column) ? 'a' : 'no'))
      endif
    endfor
    let l:lnum += 1
    let l:reserved = {}
  endfor
endfunction

function! s:Run() abort
  execute 'edit ' . fnameescape($GOV_SAMPLE)
  call s:Check(&filetype ==# 'gov', 'filetype of ' . $GOV_SAMPLE . ': "' . &filetype . '"')
  call s:Check(get(b:, 'current_syntax', '') ==# 'gov', 'b:current_syntax is not gov')
  call s:Check(&commentstring ==# '# %s', 'commentstring: ' . &commentstring)
  call s:Check(&shiftwidth == 2, 'shiftwidth: ' . &shiftwidth)
  call s:Check(&indentexpr =~# 'GovIndent', 'indentexpr: ' . &indentexpr)

  call s:Group('# A made-up charter', '# A made-up', 'govComment')
  call s:Group('governance Bellfound', 'governance', 'govOpenDocument')
  call s:Group('governance Bellfound', 'Bellfound', 'govNamespace')
  call s:Group('governance Bellfound', '"Charter', 'govString')
  call s:Group('community.gov', '# the ladder', 'govComment')
  call s:Group('each person {', 'each', 'govOpenKind')
  call s:Group('each person {', 'person', 'govEachName')
  call s:Group('org:    text', 'org', 'govField')
  call s:Group('org:    text', 'text', 'govType')
  call s:Group('flag = true', 'true', 'govConstant')
  call s:Group('section "1.', 'section', 'govOpenHeading')
  call s:Group('section "1.', 'Bodies', 'govHeading')
  call s:Group('body Council', 'body', 'govOpenKind')
  call s:Group('body Council', 'Council', 'govTypeName')
  call s:Group('body Council', 'role', 'govOpenKind')
  call s:Group('body Council', 'term', 'govOpenRole')
  call s:Group('2 years', '2', 'govNumber')
  call s:Group('2 years', 'years', 'govUnit')
  call s:Group('define active-seats', 'active-seats', 'govDefineName')
  call s:Group('[BEL-01]', '[', 'govCitationSign')
  call s:Group('[BEL-01]', 'BEL-01', 'govReference')
  call s:Group('charter "Ranks"', 'charter', 'govSource')
  call s:Group('charter "Ranks"', '"Ranks"', 'govString')
  call s:Group('role lead "team_lead"', 'lead', 'govRoleName')
  call s:Group('event meet(', 'meet', 'govEventName')
  call s:Group('event meet(', 'attendees', 'govField')
  call s:Group('event meet(', 'list', 'govType')
  call s:Group('event meet(', 'minutes', 'govEventName')
  call s:Group('event meet(', 'audit', 'govEventName')
  call s:Group('event meet(', 'finding-kind', 'govField')
  call s:Group('dissolve(reason', 'dissolve', 'govEventName')
  call s:Group('state proposed initial', 'proposed', 'govStateName')
  call s:Group('state proposed initial', 'initial', 'govStateRank')
  call s:Group('will be exactly member', 'will', 'govOpenModal')
  call s:Group('will be exactly member', 'be', 'govMidVerb')
  call s:Group('will be exactly member', 'exactly', 'govMidQuantity')
  call s:Group('will be exactly member', 'member', '')
  call s:Group('proposer-rank', 'proposer-rank', 'govClauseName')
  call s:Group('{this.name}-WG', '{this.name}', 'govTemplate')
  call s:Group('{this.name}-WG', '-WG', 'govString')
  call s:Group('must have 2..3 lead', '2..3', 'govNumber')
  call s:Group('distinct lead.org', 'distinct', 'govMidQuantity')
  call s:Group('must not audit', 'not', 'govModalRest')
  call s:Group('must not audit', 'where', 'govMidCondition')
  call s:Group('must not audit', '!=', 'govOperator')
  call s:Group('by each lead', 'each', 'govOpenKind')
  call s:Group('by each lead', 'lead', '')
  call s:Group('may only dissolve', 'only', 'govModalRest')
  call s:Group('may only dissolve', '->', 'govArrow')
  call s:Group('may only dissolve', 'closed', 'govTarget')
  call s:Group('more than 1/2', '1/2', 'govNumber')
  call s:Group('(1.. member and not public)', '1..', 'govNumber')
  call s:Group('(1.. member and not public)', 'and', 'govMidLogic')
  call s:Group('on dissolve if today', 'today', 'govSelf')
  call s:Group('on dissolve if today', 'revoke', 'govOpenEffect')
  call s:Group('decision admission', 'admission', 'govDecisionName')
  call s:Group('options admit', 'admit', 'govOptionName')
  call s:Group('options admit', 'active', 'govOptionTarget')
  call s:Group('options admit', 'defer', 'govOptionName')
  call s:Group('options admit', 'refuse', 'govOptionName')
  call s:Group('fails   -> closed', 'fails', 'govOpenDecision')
  call s:Group('all but 2 of electorate', 'but', 'govMidQuantity')
  call s:Group('admission.missed', 'missed', 'govLifeEvent')
  call s:Group('for 1 week', 'for', 'govMidPhrase')
  call s:Group('trace "bells', 'trace', 'govOpenDocument')
  call s:Group('scenario "one lead', 'one lead', 'govHeading')
  call s:Group('until 2025-06-01', '2025-06-01', 'govDate')
  call s:Group('from 2024-01-01T12:00Z', '2024-01-01T12:00Z', 'govDate')
  call s:Group('set tower.holidays', '[', 'govDelimiter')
  call s:Group('set tower.holidays', '2025-12-24', 'govDate')
  call s:Group('set tower.holidays', '..', 'govOperator')
  call s:Group('finding two-or-three', 'two-or-three', 'govClauseName')
  call s:Group('nothing else', 'nothing', 'govOpenScenario')
  call s:Group('nothing else', 'else', '')

  call s:Agree($GOV_SAMPLE . '.snap')

  " Indenting the sample from nothing gives the sample.
  let l:before = getline(1, '$')
  silent %substitute/^\s\+//e
  silent normal! gg=G
  let l:after = getline(1, '$')
  for l:at in range(len(l:before))
    call s:Check(l:before[l:at] ==# l:after[l:at],
          \ printf('indent of line %d: expected "%s", found "%s"', l:at + 1, l:before[l:at], l:after[l:at]))
  endfor

  " A word inside a longer name is no keyword.
  enew!
  setlocal filetype=gov
  call setline(1, 'must to-do by on-call if no-lead')
  call s:Group('must to-do', 'to-do', '')
  call s:Group('must to-do', 'on-call', '')
  call s:Group('must to-do', 'no-lead', '')
  call s:Group('must to-do', 'if', 'govMidCondition')

  call setline(1, ['must report [4.2(1), Art. 7, § 3, wgp "Leads", # why', '  B-1', 'state für-Ämter final',
        \ 'must report "tab \t, \q"', 'expect x at 2025-02-10T12:00:30+02:00', 'must fürs-to'])
  call s:Group('must report [', '4.2(1)', 'govReference')
  call s:Group('must report [', 'Art. 7', 'govReference')
  call s:Group('must report [', 'wgp', 'govSource')
  call s:Group('must report [', '# why', 'govComment')
  call s:Group('B-1', 'B-1', 'govReference')
  call s:Group('state für', 'state', 'govOpenKind')
  call s:Group('state für', 'für-Ämter', 'govStateName')
  call s:Group('state für', 'final', 'govStateRank')
  call s:Group('"tab', '\t', 'govEscape')
  call s:Group('"tab', '\q', 'govBadEscape')
  call s:Group('expect x', '2025-02-10T12:00:30+02:00', 'govDate')
  call s:Group('must fürs', 'fürs-to', '')

  " A file of another name is left alone.
  enew!
  edit other.txt
  call s:Check(&filetype !=# 'gov', 'other.txt was taken for a .gov file')
endfunction

try
  call s:Run()
catch
  call add(s:failures, v:exception . ' at ' . v:throwpoint)
endtry

let s:editor = has('nvim') ? 'Neovim' : 'Vim'
if empty(s:failures)
  call writefile([printf('%s: %d checks passed', s:editor, s:checks)], $GOV_REPORT)
  qall!
else
  call writefile(map(copy(s:failures), '"FAILED " . v:val')
        \ + [printf('%s: %d of %d checks failed', s:editor, len(s:failures), s:checks)], $GOV_REPORT)
  cquit
endif
