"""Words that tell closely related languages apart, where their letters hardly do.

The table was written by us from what grammars and spellings say, a word in each language; it was not learnt from texts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from types import MappingProxyType

TELLS = 2.5
"""How much less likely a language is, as a logarithm, for a word that its siblings have and it has not."""

MOST = 3
"""Such words that are counted: those of one text do not say independent things."""

# A column is a language. "," stands between several words of one, "-" where there is none.
_FAMILIES: Mapping[tuple[str, ...], str] = {
    ("da", "no", "sv"): """
        af/av/av hvad/hva,kva/vad hvem/hvem,kven/vem hvor/hvor,kvar/var,kvar hvornår,når/når/när
        hvordan/hvordan,korleis/hur hvorfor/hvorfor,kvifor/varför hvis/hvis,viss/om hver/hver,kvar/varje,var
        hvert/hvert,kvart/varje nogen/noen,nokon/någon noget/noe,noko/något nogle/noen,nokre/några
        meget/mye,meget,mykje/mycket mange/mange/många mig/meg/mig dig/deg/dig sig/seg/sig jeg/jeg,eg/jag
        ikke/ikke,ikkje/inte og/og/och at/at,å/att vi/vi,me/vi hun/hun,ho/hon de/de,dei/de dem/dem,dei/dem
        jer/dere,dykk/er jeres/deres,dykkar/er deres/deres,deira/deras vores/vår/vår vore/våre/våra
        selv/selv,sjølv/själv en/en,ein/en et/et,eit/ett blive/bli/bli bliver/blir/blir blev/ble,vart/blev
        blevet/blitt,vorte/blivit være/være,vere/vara var/var/var været,vært/vært,vore/varit er/er/är havde/hadde/hade
        haft/hatt/haft skal/skal/ska,skall vil/vil/vill kunne/kunne/kunde må/må/måste burde/burde,bør/borde
        gøre/gjøre,gjere/göra gør/gjør,gjer/gör sige/si,seie/säga siger/sier,seier/säger sagde/sa/sa tage/ta/ta
        tager/tar/tar tog/tok/tog taget/tatt,teke/tagit give/gi/ge giver/gir/ger gav/ga,gav/gav givet/gitt,gjeve/givit
        fik/fikk,fekk/fick fået/fått/fått gik/gikk,gjekk/gick gået/gått/gått stod/sto,stod/stod se/se,sjå/se
        så/så,såg/såg,så set/sett/sett finde/finne/hitta,finna findes/finnes,finst/finns fandt/fant,fann/fann
        komme/komme,kome/komma kommer/kommer,kjem/kommer vide/vite/veta ved/vet,veit,ved/vet vidste/visste/visste
        lade/la/låta lader/lar/låter lave/lage/göra laver/lager/gör bruge/bruke/använda bruger/bruker/använder
        brugt/brukt/använt skrive/skrive/skriva skriver/skriver,skriv/skriver skrevet/skrevet,skrive/skrivit
        købe/kjøpe/köpa køber/kjøper/köper købt/kjøpt/köpt sælge/selge/sälja sælger/selger/säljer betale/betale/betala
        hjælpe/hjelpe/hjälpa hjælp/hjelp/hjälp åbne/åpne/öppna åbner/åpner/öppnar lukke/lukke/stänga
        virker/virker/fungerar spørge/spørre/fråga spørgsmål/spørsmål/fråga tror/tror,trur/tror synes/synes/tycker
        mener/mener,meiner/menar hedder/heter,heiter/heter kalder/kaller/kallar kender/kjenner/känner
        elsker/elsker/älskar snakker/snakker/pratar læse/lese/läsa læser/leser/läser høre/høre/höra hører/hører/hör
        ligger/ligger,ligg/ligger sidder,sit/sitter,sit/sitter sætter/setter,set/sätter begynder/begynner/börjar
        starter/starter/startar prøver/prøver/försöker prøve/prøve/försöka rejse/reise/resa
        spiller/spiller,spelar/spelar spil/spill/spel arbejde/arbeid,arbeide/arbete arbejder/arbeider,arbeidar/arbetar
        ske/skje/hända sker/skjer/händer,sker skete/skjedde/hände sket/skjedd/hänt sammen/sammen,saman/tillsammans
        mellem/mellom/mellan efter/etter/efter før/før/före,innan uden/uten,utan/utan inden/innen/innan over/over/över
        gennem/gjennom/genom igennem/gjennom/igenom imod/mot/mot mod/mot/mot til/til/till fra/fra,frå/från
        for/for/för,for om/om/om siden/siden,sidan/sedan mens/mens,medan/medan fordi/fordi/eftersom
        selvom/selv,sjølv/trots også/også,òg/också kun/bare,berre/bara bare/bare,berre/bara måske/kanskje/kanske
        altid/alltid/alltid aldrig/aldri/aldrig ofte/ofte/ofta igen/igjen/igen nu,nå/nå,no/nu,nå da/da,då/då
        her/her/här der/der/där derfor/derfor/därför altså/altså/alltså hverken/verken/varken enten/enten/antingen
        ellers/ellers/annars meget,svært/svært/väldigt lidt/litt/lite mere/mer,meir/mer flere/flere,fleire/fler,flera
        fleste/fleste/flesta større/større/större største/største/största bedre/bedre,betre/bättre bedst/best/bäst
        godt/godt,bra/bra gode/gode/goda dårlig/dårlig/dålig nye/nye/nya nyt/nytt/nytt gamle/gamle/gamla
        gammel/gammel/gammal store/store/stora lille/lille,liten,lita/liten,lilla hel/hel,heil/hel
        hele/hele,heile/hela samme/samme,same/samma anden/annen,anna/annan andet/annet,anna/annat andre/andre/andra
        egen/egen,eigen/egen egne/egne,eigne/egna sådan/slik,sånn/sådan sådanne/slike,sånne/sådana
        hvilken/hvilken/vilken hvilket/hvilket/vilket hvilke/hvilke/vilka denne/denne/denna dette/dette/detta
        disse/disse,desse/dessa forskellige/forskjellige,ulike/olika mulighed/mulighet/möjlighet
        muligheder/muligheter/möjligheter mulig/mulig,mogleg/möjlig muligt/mulig,mogleg/möjligt
        nødvendig/nødvendig/nödvändig vigtig/viktig/viktig vigtigt/viktig/viktigt desværre/dessverre/tyvärr
        selvfølgelig/selvfølgelig/självklart virkelig/virkelig,verkeleg/verkligen faktisk/faktisk/faktiskt
        først/først,fyrst/först sidste/siste/sista sidst/sist/sist næste/neste/nästa ud/ut/ut ude/ute/ute ind/inn/in
        inde/inne/inne op/opp/upp oppe/oppe/uppe ned/ned/ner,ned hjem/hjem,heim/hem hjemme/hjemme,heime/hemma
        væk/vekk,bort/bort frem/fram,frem/fram tilbage/tilbake/tillbaka uge/uke,veke/vecka ugen/uken,uka,veka/veckan
        uger/uker,veker/veckor måned/måned,månad/månad måneder/måneder,månader/månader dage/dager,dagar/dagar
        time/time/timme timer/timer,timar/timmar nat/natt/natt morgen/morgen,morgon/morgon aften/kveld/kväll
        gang/gang,gong/gång gange/ganger,gonger/gånger kvinde/kvinne/kvinna kvinder/kvinner/kvinnor
        mand,man/mann,man/man mænd/menn/män barn/barn/barn børn/barn/barn forældre/foreldre/föräldrar
        venner/venner,vener/vänner menneske/menneske/människa mennesker/mennesker/människor by/by/stad
        verden/verden,verda/världen vej/vei,veg/väg gade/gate/gata skole/skole,skule/skola bog/bok/bok
        bøger/bøker/böcker sprog/språk/språk penge/penger,pengar/pengar mad/mat/mat brød/brød/bröd kød/kjøtt/kött
        mælk/melk,mjølk/mjölk vand/vann,vatn/vatten øl/øl/öl kærlighed/kjærlighet/kärlek syv/sju/sju tyve/tjue/tjugo
        tredive/tretti/trettio tusind/tusen/tusen anmeldelse/anmeldelse/recension skærm/skjerm/skärm
        skærmen/skjermen/skärmen fejl/feil/fel opdatering/oppdatering/uppdatering opdatere/oppdatere/uppdatera
        indstilling/innstilling/inställning indstillinger/innstillinger/inställningar adgangskode/passord/lösenord
        besked/beskjed/meddelande billede/bilde/bild billeder/bilder/bilder mappe/mappe/mapp tak/takk/tack
        undskyld/unnskyld/ursäkta hej/hei/hej nej/nei/nej velkommen/velkommen/välkommen procent/prosent/procent
        kroner/kroner/kronor regering/regjering/regering regeringen/regjeringen,regjeringa/regeringen
        politi/politi/polis politiet/politiet/polisen udvikling/utvikling/utveckling
        uddannelse/utdanning,utdannelse/utbildning virksomhed/bedrift,virksomhet/företag
        oplysninger/opplysninger/uppgifter undersøgelse/undersøkelse/undersökning samfund/samfunn/samhälle
        ifølge/ifølge/enligt blandt/blant/bland herunder/herunder/häribland danske/danske/danska norske/norske/norska
        svenske/svenske/svenska
    """,
    ("hr", "sr", "sl"): """
        što/šta,što/kaj tko/ko/kdo netko/neko/nekdo nitko/niko/nihče nešto/nešto/nekaj ništa/ništa/nič
        gdje/gde/kje,kjer ovdje/ovde/tukaj ondje/onde/tam negdje/negde/nekje svugdje/svuda/povsod uvijek/uvek/vedno
        nikad/nikad/nikoli kada/kada/kdaj,ko zašto/zašto/zakaj jer/jer/ker ako/ako/če i/i/in ili/ili/ali
        ali/ali/ampak,toda te/te/ter kao/kao/kot nego/nego/kot sam/sam/sem,sam su/su/so nije/nije/ni ni/ni/ni
        nisam/nisam/nisem nisu/nisu/niso bio/bio/bil budu/budu/bodo bude/bude/bo ću/ću/bom ćeš/ćeš/boš će/će/bo
        ćemo/ćemo/bomo ćete/ćete/boste mogu/mogu/morem,lahko može/može/lahko možemo/možemo/lahko možete/možete/lahko
        trebam/trebam/potrebujem hoću/hoću/hočem nemam/nemam/nimam nema/nema/nima znam/znam/vem zna/zna/ve
        vidjeti/videti/videti vidio/-/videl htio/hteo/hotel htjeti/hteti/hoteti želio/želeo/želel volio/voleo/imel
        živjeti/živeti/živeti živio/živeo/živel razumjeti/razumeti/razumeti razumijem/razumem/razumem
        smjeti/smeti/smeti slijedi/sledi/sledi rekao/rekao/rekel reći/reći/reči kazao/kazao/dejal došao/došao/prišel
        išao/išao/šel mogao/mogao/mogel imao/imao/imel imati/imati/imeti raditi/raditi/delati radi/radi/dela
        radim/radim/delam postoji/postoji/obstaja u/u/v s/sa/s,z sa/sa/s po/po/po pri/pri/pri kod/kod/pri
        prije/pre/prej poslije/posle/po nakon/nakon,posle/po između/između/med među/među/med tijekom/tokom/med
        unutar/unutar/znotraj izvan/van/zunaj kroz/kroz/skozi bez/bez/brez zbog/zbog/zaradi radi/radi/zaradi
        unatoč/uprkos/kljub prema/prema/proti oko/oko/okoli preko/preko/prek protiv/protiv/proti ja/ja/jaz,ja
        nju/nju/njo ih/ih/jih joj/joj/ji koji/koji/ki,kateri koja/koja/ki,katera koje/koje/ki,katere
        kojih/kojih/katerih kojima/kojima/katerim koju/koju/ki taj/taj/ta to/to/to ovaj/ovaj/ta ova/ova/ta ovo/ovo/to
        ove/ove/te ovog/ovog/tega toga/toga/tega tome/tome/tem sve/sve/vse svi/svi/vsi sva/sva/vsa,sva svih/svih/vseh
        svaki/svaki/vsak sav/sav/ves netom/-/pravkar već/već/že još/još/še također/takođe/tudi i/i/tudi
        vrlo/veoma/zelo jako/jako/zelo više/više/več manje/manje/manj najviše/najviše/največ puno/puno/veliko
        loše/loše/slabo lijepo/lepo/lepo lijep/lep/lep lijepa/lepa/lepa sada/sada/zdaj sad/sad/zdaj danas/danas/danes
        jučer/juče/včeraj sutra/sutra/jutri tada/tada/takrat opet/opet/spet ponovno/ponovo/ponovno uopće/uopšte/sploh
        općenito/uopšteno/nasploh opći/opšti/splošni opće/opšte/splošno općina/opština/občina općine/opštine/občine
        posebno/posebno/posebej naravno/naravno/seveda međutim/međutim/vendar možda/možda/morda
        vjerojatno/verovatno/verjetno sigurno/sigurno/zagotovo vrijeme/vreme/čas,vreme vremena/vremena/časa
        godina/godina/let,leto godine/godine/leta godinu/godinu/leto mjesec/mesec/mesec mjeseca/meseca/meseca
        mjeseci/meseci/mesecev tjedan/nedelja/teden tjedna/nedelje/tedna dana/dana/dni siječnja/januara/januarja
        veljače/februara/februarja ožujka/marta/marca travnja/aprila/aprila svibnja/maja/maja lipnja/juna/junija
        srpnja/jula/julija kolovoza/avgusta/avgusta rujna/septembra/septembra listopada/oktobra/oktobra
        studenoga,studenog/novembra/novembra prosinca/decembra/decembra tisuća/hiljada/tisoč tisuće/hiljade/tisoč
        milijuna/miliona/milijonov milijun/milion/milijon posto/odsto,posto/odstotkov postotak/procenat/odstotek
        mjesto/mesto/mesto mjesta/mesta/mesta mjestu/mestu/mestu svijet/svet/svet svijeta/sveta/sveta
        svijetu/svetu/svetu svjetski/svetski/svetovni svjetskog/svetskog/svetovnega čovjek/čovek/človek
        čovjeka/čoveka/človeka ljudi/ljudi/ljudje,ljudi dijete/dete/otrok djeca/deca/otroci djece/dece/otrok
        djecu/decu/otroke žena/žena/ženska dio/deo/del dijela/dela/dela dijelu/delu/delu dijelom/delom/delom
        cijeli/ceo/cel cijelu/celu/celo cijela/cela/cela cijelo/celo/celo cijene/cene/cene cijena/cena/cena
        riječ/reč/beseda riječi/reči/besede vijest/vest/novica vijesti/vesti/novice vjera/vera/vera mjera/mera/ukrep
        mjere/mere/ukrepi primjer/primer/primer primjerice/primerice/denimo promjena/promena/sprememba
        promjene/promene/spremembe rješenje/rešenje/rešitev rješenja/rešenja/rešitve riješiti/rešiti/rešiti
        pobjeda/pobeda/zmaga pobjedu/pobedu/zmago uspjeh/uspeh/uspeh uspjeha/uspeha/uspeha uspio/uspeo/uspel
        uvjet/uslov/pogoj uvjeti/uslovi/pogoji uvjeta/uslova/pogojev uvjetima/uslovima/pogojih savjet/savet/nasvet
        vijeće/savet/svet zahtjev/zahtev/zahteva posljednji,zadnji/poslednji,zadnji/zadnji
        posljednje,zadnje/poslednje,zadnje/zadnje sljedeći/sledeći/naslednji sljedeće/sledeće/naslednje
        susjed/sused/sosed sjever/sever/sever snijeg/sneg/sneg tijelo/telo/telo ljeto/leto/poletje
        zvijezda/zvezda/zvezda rijeka/reka/reka lijek/lek/zdravilo liječnik/lekar/zdravnik izvješće/izveštaj/poročilo
        obavijest/obaveštenje/obvestilo obavijesti/obaveštenja/obvestila priopćenje/saopštenje/sporočilo
        povijest/istorija/zgodovina povijesti/istorije/zgodovine znanost/nauka/znanost
        sveučilište/univerzitet/univerza tvrtka/firma/podjetje tvrtke/firme/podjetja poduzeće/preduzeće/podjetje
        županija/okrug/županija županije/okruga/županije glazba/muzika/glasba glazbe/muzike/glasbe
        nogomet/fudbal/nogomet kazalište/pozorište/gledališče vlak/voz/vlak zrak/vazduh/zrak kruh/hleb/kruh
        tjednik/nedeljnik/tednik računalo/računar/računalnik računala/računara/računalnika zaslon/ekran/zaslon
        datoteka/fajl/datoteka lozinka/lozinka/geslo pitanje/pitanje/vprašanje pitanja/pitanja/vprašanja
        molim/molim/prosim oprosti/izvini/oprosti pomoć/pomoć/pomoč pomoći/pomoći/pomoči kuća/kuća/hiša kuće/kuće/hiše
        posao/posao/delo posla/posla/dela grad/grad/mesto grada/grada/mesta predsjednik/predsednik/predsednik
        predsjednika/predsednika/predsednika predsjednica/predsednica/predsednica sjednica/sednica/seja
        sjednici/sednici/seji ministar/ministar/minister europa/evropa/evropa europe/evrope/evrope
        europski/evropski/evropski europske/evropske/evropske europskog/evropskog/evropskega
        europskih/evropskih/evropskih eura/evra/evrov kuna/dinara/evrov hrvatska/hrvatska/hrvaška
        hrvatske/hrvatske/hrvaške hrvatskoj/hrvatskoj/hrvaški hrvatski/hrvatski/hrvaški hrvatskog/hrvatskog/hrvaškega
        odnosno/odnosno/oziroma novog/novog/novega dvije/dve/dve četiri/četiri/štiri obje/obe/obe jedan/jedan/en
        jedna/jedna/ena jedno/jedno/eno jednu/jednu/eno jednog/jednog/enega
    """,
    ("id", "ms"): """
        karena/kerana bahwa/bahawa bisa/boleh uang/wang mobil/kereta saja/sahaja,saja mau/mahu,mau yaitu/iaitu
        setelah/selepas,setelah coba/cuba mencoba/cuba berbeda/berbeza perbedaan/perbezaan beda/beza kamu/awak,kamu
        kalian/kamu gue/- lu/kau nggak/tak gak/tak enggak/tak ngga/tak tak/tak kok/- dong/- sih/- deh/- banget/sangat
        gimana/macam kayak/macam butuh/perlu membutuhkan/memerlukan ingin/ingin,hendak berbicara/bercakap bicara/cakap
        ngomong/cakap melihat/melihat,tengok kelihatan/nampak terlihat/kelihatan kapan/bila bilamana/apabila
        apabila/apabila apakah/adakah,apakah dimana/- sedangkan/manakala selama/semasa,selama pukul/pukul
        jam/pukul,jam siang/tengahari sore/petang besok/esok kemarin/semalam,kelmarin kemarin/kelmarin
        pekan/minggu,pekan senin/isnin kamis/khamis jumat/jumaat minggu/ahad,minggu maret/mac juni/jun juli/julai
        agustus/ogos desember/disember delapan/lapan persen/peratus miliar/bilion triliun/trilion nol/kosong
        telepon/telefon ponsel/telefon televisi/televisyen koran/akhbar musik/muzik film/filem,wayang partai/parti
        polisi/polis kepolisian/polis dokter/doktor obat/ubat sehat/sihat kesehatan/kesihatan apotek/farmasi
        istri/isteri putri/puteri putra/putera,putra pria/lelaki laki/lelaki bapak/bapa,encik -/encik bu/puan
        teman/kawan,rakan cewek/gadis cowok/- tas/beg mahasiswa/pelajar siswa/pelajar universitas/universiti
        kualitas/kualiti fakultas/fakulti komunitas/komuniti aktivitas/aktiviti identitas/identiti prioritas/keutamaan
        fasilitas/kemudahan kantor/pejabat kamar/bilik resmi/rasmi peringkat/peringkat pemerintah/kerajaan,pemerintah
        pemilu/pilihanraya gubernur/gabenor bupati/- kabupaten/daerah kecamatan/mukim provinsi/wilayah -/bandaraya
        perusahaan/syarikat bisnis/perniagaan manajemen/pengurusan manajer/pengurus direktur/pengarah
        karyawan/kakitangan investasi/pelaburan pasar/pasaran,pasar belanja/beli,perbelanjaan wisata/pelancongan
        wisatawan/pelancong liburan/cuti libur/cuti bandara/- stasiun/stesen kereta/keretapi bioskop/pawagam
        rapat/mesyuarat pertanyaan/soalan jawaban/jawapan informasi/maklumat,informasi -/memaklumkan
        pengadilan/mahkamah pengacara/peguam jaksa/pendakwa kecelakaan/kemalangan korban/mangsa tersangka/suspek
        kasus/kes terjadi/berlaku kejadian/kejadian,insiden -/perlawanan pelatih/jurulatih tim/pasukan,skuad
        klub/kelab sepeda/basikal bus/bas truk/lori taksi/teksi es/ais kue/kek layar/skrin tombol/butang -/rangkaian
        akun/akaun unduh/muat mengunduh/memuat unggah/muat perbarui/kemas pembaruan/kemaskini pengaturan/tetapan
        setelan/tetapan berkas/fail file/fail situs/laman perangkat/peranti kesalahan/ralat,kesalahan galat/ralat
        silakan/sila silahkan/sila makasih/terima terimakasih/- halo/helo beliau/beliau sering/kerap,sering
        berbagai/pelbagai beragam/pelbagai lewat/menerusi,melalui melalui/melalui menurut/menurut,mengikut
        tentang/tentang,mengenai kedua/kedua lantaran/kerana rusak/rosak kerusakan/kerosakan -/seronok
        menyenangkan/menyeronokkan ukuran/saiz,ukuran tingkat/tahap,peringkat standar/standard kampanye/kempen
        parlemen/parlimen anggota/ahli,anggota ketua/ketua,pengerusi serikat/kesatuan inggris/inggeris
        prancis/perancis -/china tiongkok/china jepang/jepun kendaraan/kenderaan pemberhentian/hentian -/wujud
        keberadaan/kewujudan -/sempena -/seterusnya -/justeru -/berikutan -/susulan -/ekoran -/sememangnya -/sekiranya
        -/apatah -/amat -/baharu -/terbabit melibatkan/membabitkan,melibatkan keterlibatan/penglibatan mantan/bekas
        bekas/bekas wakil/timbalan,wakil -/naib sekretaris/setiausaha panitia/jawatankuasa proyek/projek
        obyek,objek/objek banyak/ramai,banyak ramai/ramai -/seramai internasional/antarabangsa lokal/tempatan
        -/kebangsaan jembatan/jambatan -/lebuhraya sopir/pemandu pengemudi/pemandu pembalap/pelumba balapan/perlumbaan
        penyelidikan/siasatan menyelidiki/menyiasat -/disiasat perkosa/rogol diperkosa/dirogol perkosaan/rogol
        biaya/kos pajak/cukai ekspor/eksport impor/import produksi/pengeluaran pabrik/kilang listrik/elektrik
        dingin/sejuk anak/anak,kanak -/budak kakek/datuk tetangga/jiran menikah/berkahwin pernikahan/perkahwinan
        perkawinan/perkahwinan kawin/kahwin perawat/jururawat pasien/pesakit perawatan/rawatan ujian/peperiksaan,ujian
        kursi/kerusi jendela/tingkap atap/bumbung piring/pinggan cangkir/cawan sendok/sudu enak/sedap mie/mee
        jeruk/limau apel/epal semangka/tembikai rp/rm -/datuk -/dato tutur/-
        -/mustahak -/sebarang sembarang/- -/sesiapa siapapun/- -/kedua,kedua
        terkait/berkaitan karier/kerjaya kebijakan/dasar kebutuhan/keperluan kantong/poket celana/seluar sepatu/kasut
        ban/tayar rem/brek bensin/petrol mesin/enjin,mesin gratis/percuma diskon/diskaun mengunjungi/melawat
        kunjungan/lawatan,kunjungan tamu/tetamu natal/krismas terbaru/terkini,terbaru langsung/terus,langsung
        pulang/balik,pulang capek/penat lelah/penat,lelah nyaman/selesa jelek/hodoh ganteng/kacak pintar/pandai
        cerdas/bijak,cerdas rupiah/-
    """,
}


Words = Mapping[str, frozenset[str]]
"""Which languages of a family have a word, where not all have it."""


def lacked(words: Collection[str], languages: tuple[str, ...]) -> Mapping[str, float]:
    """What speaks against each of these languages (main parts of tags), as a logarithm: words, in small letters, that
    its siblings among them have and it has not."""
    counts: dict[str, int] = {}
    for siblings, table in _families(languages):
        for word in words:
            if (having := table.get(word)) is not None and having & siblings:
                for language in siblings - having:
                    counts[language] = counts.get(language, 0) + 1
    return {language: TELLS * min(MOST, count) for language, count in counts.items()}


@lru_cache(maxsize=64)
def _families(languages: tuple[str, ...]) -> tuple[tuple[frozenset[str], Words], ...]:
    """Of these languages, those that are siblings, with the words of their family."""
    found = ((frozenset(family) & frozenset(languages), family) for family in _FAMILIES)
    return tuple((siblings, _words(family)) for siblings, family in found if len(siblings) > 1)


@lru_cache(maxsize=len(_FAMILIES))
def _words(family: tuple[str, ...]) -> Words:
    having: dict[str, set[str]] = {}
    for row in _FAMILIES[family].split():
        for language, words in zip(family, row.split("/"), strict=True):
            for word in words.split(","):
                having.setdefault(word, set()).add(language)
    return MappingProxyType({word: frozenset(those) for word, those in having.items() if len(those) < len(family)})
