"""Domains where anybody can have a mailbox: a client is known there by its full address (safety.md D.3)."""

_DOMAINS = """
    126.com 139.com 163.com abv.bg aim.com aliyun.com aol.com arcor.de att.net bellsouth.net bigpond.com
    bigpond.net.au bk.ru bluewin.ch btinternet.com btopenworld.com centrum.cz centrum.sk charter.net
    comcast.net cox.net dbmail.com docomo.ne.jp duck.com earthlink.net email.com email.cz ezweb.ne.jp
    fastmail.com fastmail.fm foxmail.com free.fr freemail.hu freenet.de gazeta.pl gmail.com gmx.at
    gmx.ch gmx.com gmx.de gmx.fr gmx.net gmx.us goo.ne.jp googlemail.com hanmail.net hey.com home.pl
    hotmail.be hotmail.ca hotmail.co.jp hotmail.co.uk hotmail.com hotmail.com.tr hotmail.de hotmail.es
    hotmail.fr hotmail.it hotmail.nl hushmail.com i.softbank.jp i.ua icloud.com inbox.lv inbox.ru
    interia.eu interia.pl kakao.com kolabnow.com laposte.net libero.it list.ru live.ca live.co.uk
    live.com live.com.au live.de live.fr live.it live.jp live.nl live.se mac.com mail.bg mail.com
    mail.de mail.ee mail.ru mailbox.org mailfence.com mailo.com me.com msn.com mynet.com nate.com
    naver.com netscape.net neuf.fr ntlworld.com o2.pl ocn.ne.jp ok.ru onet.eu onet.pl online.de
    online.no op.pl optonline.net orange.fr outlook.at outlook.be outlook.co.jp outlook.com
    outlook.com.br outlook.com.tr outlook.de outlook.dk outlook.es outlook.fr outlook.it outlook.jp
    outlook.pt passport.com pm.me poczta.fm poczta.onet.pl post.cz posteo.de posteo.net proton.me
    protonmail.ch protonmail.com qq.com rambler.ru rediffmail.com rocketmail.com runbox.com sapo.pt
    sbcglobal.net seznam.cz sfr.fr shaw.ca sina.cn sina.com sky.com skynet.be sohu.com spoko.pl
    sympatico.ca t-online.de talktalk.net telenet.be telia.com terra.com.br tiscali.it tlen.pl tuta.com
    tuta.io tutamail.com tutanota.com ukr.net uol.com.br verizon.net virgilio.it virgin.net
    virginmedia.com volny.cz wanadoo.fr web.de wp.pl xs4all.nl xtra.co.nz ya.ru yahoo.ca yahoo.co.id
    yahoo.co.in yahoo.co.jp yahoo.co.uk yahoo.com yahoo.com.ar yahoo.com.au yahoo.com.br yahoo.com.mx
    yahoo.com.tr yahoo.de yahoo.es yahoo.fr yahoo.it yahoo.ne.jp yandex.by yandex.com yandex.com.tr
    yandex.kz yandex.ru yandex.ua yeah.net ymail.com ziggo.nl zoho.com zohomail.com zohomail.eu
"""

FREEMAIL: frozenset[str] = frozenset(_DOMAINS.split())
"""Freely open mail domains, in lower case."""
